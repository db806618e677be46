// pyzor_fuzz.cc — the digest of any octets, and any octets as a server's answer.
#include "gateway/net/pyzor_message.h"
#include "rules/pyzor/digest.h"
#include "tests/fuzz/fuzz.h"

using namespace postern;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  const auto digest = pyzor_digest(as_text(octets, size));
  require(!digest || digest->size() == 40, "a digest has 40 digits");
  static_cast<void>(decode_pyzor_answer(as_text(octets, size), 2000));
  return 0;
}
