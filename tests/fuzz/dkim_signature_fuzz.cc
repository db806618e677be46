// dkim_signature_fuzz.cc — a signature field is what strangers write: what is taken for well-formed
// keeps what the verifier builds upon.
#include "filters/dkim/encoding.h"
#include "filters/dkim/signature.h"
#include "filters/dkim/tag_list.h"
#include "tests/fuzz/fuzz.h"

using namespace postern;

namespace {

void check(std::string_view value, dkim::SignatureKind kind) {
  const auto [signature, judgement] = dkim::parse_signature(value, kind);
  if (!judgement.open()) {
    require(!judgement.reason.empty(), "what is wrong has a name");
    return;
  }
  require(signature.key_name.size() <= 253 && !signature.octets.empty(),
          "a signer and a signature");
  require(
      kind == dkim::SignatureKind::dkim || (signature.instance >= 1 && signature.instance <= 50),
      "instances are bounded");
  const std::string whole = "X:" + std::string(value);
  const auto emptied = dkim::without_signature(whole, std::string_view(whole).substr(2));
  require(emptied.size() < whole.size(), "b= is taken out");
  const auto again = dkim::TagList::parse(std::string_view(emptied).substr(2));
  require(again && again->value("b").empty(), "and nothing else");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  const auto input = as_text(octets, size);
  check(input, dkim::SignatureKind::dkim);
  check(input, dkim::SignatureKind::arc_message);
  check(input, dkim::SignatureKind::arc_seal);
  if (const auto decoded = dkim::decode_base64(input))
    require(decoded->size() <= size, "base64 does not grow");
  return 0;
}
