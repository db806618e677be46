// dkim_key_fuzz.cc — any octets may be published as a key.
#include "filters/dkim/key.h"
#include "filters/dkim/public_key.h"
#include "tests/fuzz/fuzz.h"

using namespace postern;

namespace {

void check(std::string_view record, dkim::Algorithm algorithm) {
  dkim::Signature signature;
  signature.algorithm = algorithm;
  signature.domain = "example.org";
  signature.identity = "@example.org";
  const auto [key, judgement] = dkim::parse_key(record, signature);
  if (!judgement.open()) return;
  require(!key.octets.empty(), "a key has octets");
  const auto open =
      key.ed25519 ? dkim::PublicKey::ed25519(key.octets) : dkim::PublicKey::rsa(key.octets);
  if (!open) return;
  const std::string digest(32, 'd');
  require(!open->verifies(digest, key.octets), "nobody has signed that");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  const auto input = as_text(octets, size);
  check(input, dkim::Algorithm::rsa_sha256);
  check(input, dkim::Algorithm::ed25519_sha256);
  return 0;
}
