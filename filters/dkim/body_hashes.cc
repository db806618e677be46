#include "filters/dkim/body_hashes.h"

#include "filters/dkim/public_key.h"

namespace postern::dkim {

Judgement BodyHashes::judge(const Signature& signature) {
  const std::uint64_t limit = signature.body_length.value_or(UINT64_MAX);
  const auto [place, is_new] = hashes_.try_emplace({signature.body, limit});
  Hash& hash = place->second;
  if (is_new) {
    Digest digest(limit);
    canonical_body(body_, signature.body, [&](std::string_view piece) { digest.add(piece); });
    hash = {digest.finish(), digest.added()};
  }
  // RFC 6376 §3.5: l= beyond the body means that some of it was taken away.
  if (signature.body_length && hash.length < limit)
    return {Outcome::fail, "the body is shorter than l="};
  if (hash.octets != signature.body_hash) return {Outcome::fail, "the body has been changed"};
  return {};
}

}  // namespace postern::dkim
