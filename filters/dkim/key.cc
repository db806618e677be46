#include "filters/dkim/key.h"

#include <algorithm>

#include "filters/dkim/encoding.h"
#include "filters/dkim/tag_list.h"
#include "gateway/base/bytes.h"

namespace postern::dkim {
namespace {

Judgement useless(std::string reason) { return {Outcome::permerror, std::move(reason)}; }

bool names_one_of(const TagList& tags, std::string_view tag,
                  std::initializer_list<std::string_view> wanted) {
  if (tags.find(tag) == nullptr) return true;
  const auto names = colon_list(tags.value(tag));
  return std::ranges::any_of(
      wanted, [&](std::string_view name) { return std::ranges::find(names, name) != names.end(); });
}

Judgement read(const TagList& tags, const Signature& signature, KeyRecord& key) {
  // §3.6.1: v= comes first where it is there.
  if (const Tag* version = tags.find("v");
      version != nullptr && (version != &tags.tags().front() || version->value != "DKIM1"))
    return useless("the key's v= is not DKIM1");
  const std::string kind = tags.find("k") == nullptr ? "rsa" : to_lower(tags.value("k"));
  if (kind != "rsa" && kind != "ed25519") return useless("the key's k= is unknown");
  key.ed25519 = kind == "ed25519";
  if (key.ed25519 != (signature.algorithm == Algorithm::ed25519_sha256))
    return useless("the key is of another algorithm");
  if (!names_one_of(tags, "h", {"sha256"})) return useless("the key's h= is without sha256");
  if (!names_one_of(tags, "s", {"*", "email"})) return useless("the key's s= is not for mail");
  const auto flags =
      tags.find("t") == nullptr ? std::vector<std::string>() : colon_list(tags.value("t"));
  key.testing = std::ranges::find(flags, "y") != flags.end();
  key.strict = std::ranges::find(flags, "s") != flags.end();
  if (key.strict && !signature.identity.empty() &&
      !signature.identity.ends_with("@" + signature.domain))
    return useless("the key's t=s wants i= to be of d=");
  if (tags.find("p") == nullptr) return useless("the key has no p=");
  auto octets = decode_base64(tags.value("p"));
  if (!octets) return useless("the key's p= is no base64");
  if (octets->empty()) return useless("the key was revoked");
  key.octets = *std::move(octets);
  return {};
}

}  // namespace

ParsedKey parse_key(std::string_view record, const Signature& signature) {
  const auto tags = TagList::parse(record);
  if (!tags) return {{}, useless("the key record: " + tags.error().what)};
  ParsedKey out;
  out.judgement = read(*tags, signature, out.key);
  return out;
}

}  // namespace postern::dkim
