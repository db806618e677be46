#include "filters/dkim/signature.h"

#include <algorithm>
#include <array>

#include "filters/dkim/encoding.h"
#include "filters/dkim/tag_list.h"
#include "gateway/base/bytes.h"
#include "gateway/net/dns_message.h"

namespace postern::dkim {
namespace {

struct NamedAlgorithm {
  std::string_view name;
  Algorithm algorithm;
  std::size_t hash_size;
};
constexpr std::array<NamedAlgorithm, 3> algorithms = {{
    {"rsa-sha256", Algorithm::rsa_sha256, 32},
    {"rsa-sha1", Algorithm::rsa_sha1, 20},
    {"ed25519-sha256", Algorithm::ed25519_sha256, 32},
}};

constexpr std::uint64_t latest_time = 999'999'999'999;  // RFC 6376 §3.5: twelve digits
constexpr std::size_t shown_of_signature = 8;           // RFC 6008 §3

/// Reads tag by tag; the first thing that is wrong ends it.
class Reader {
 public:
  Reader(const TagList& tags, SignatureKind kind) : tags_(tags), kind_(kind) {}

  ParsedSignature read() {
    // What a report names comes first, so that it can name it whatever is wrong.
    using Step = bool (Reader::*)();
    for (const Step step :
         {&Reader::signer, &Reader::signature, &Reader::instance, &Reader::algorithm,
          &Reader::identity, &Reader::version, &Reader::canonicalization, &Reader::fields,
          &Reader::body, &Reader::query, &Reader::times, &Reader::chain}) {
      if (!(this->*step)()) break;
    }
    return std::move(out_);
  }

 private:
  bool wrong(std::string reason, Outcome outcome = Outcome::permerror) {
    out_.judgement = {outcome, std::move(reason)};
    return false;
  }
  bool is_seal() const { return kind_ == SignatureKind::arc_seal; }

  bool signer() {
    Signature& signature = out_.signature;
    const auto domain = question_name(tags_.value("d"));
    const auto selector = question_name(tags_.value("s"));
    if (domain) signature.domain = *domain;
    if (selector) signature.selector = *selector;
    if (!domain || domain->find('.') == std::string::npos) return wrong("no domain in d=");
    if (!selector) return wrong("no selector in s=");
    const auto name = question_name(*selector + "._domainkey." + *domain);
    if (!name) return wrong("d= and s= make no name");
    signature.key_name = *name;
    return true;
  }

  bool signature() {
    const std::string text = without_space(tags_.value("b"));
    out_.signature.beginning = text.substr(0, shown_of_signature);
    auto octets = decode_base64(text);
    if (!octets || octets->empty()) return wrong("no signature in b=");
    out_.signature.octets = *std::move(octets);
    return true;
  }

  bool algorithm() {
    const auto known =
        std::ranges::find(algorithms, to_lower(tags_.value("a")), &NamedAlgorithm::name);
    if (known == algorithms.end()) return wrong("unknown algorithm in a=");
    out_.signature.algorithm = known->algorithm;
    // RFC 8301 §3.1: rsa-sha1 MUST NOT be used for verifying.
    if (known->algorithm == Algorithm::rsa_sha1) return wrong("rsa-sha1", Outcome::policy);
    hash_size_ = known->hash_size;
    return true;
  }

  bool instance() {
    if (kind_ == SignatureKind::dkim) return true;
    const auto number = parse_number(tags_.value("i"), most_instances);
    if (!number || *number == 0) return wrong("no instance in i=");
    out_.signature.instance = static_cast<unsigned>(*number);
    return true;
  }

  bool identity() {
    if (kind_ != SignatureKind::dkim) return true;
    Signature& signature = out_.signature;
    signature.identity = "@" + signature.domain;
    if (tags_.find("i") == nullptr) return true;
    const auto decoded = decode_quoted(tags_.value("i"));
    const auto at = decoded ? decoded->rfind('@') : std::string::npos;
    if (at == std::string::npos) return wrong("no identity in i=");
    const std::string domain = to_lower(std::string_view(*decoded).substr(at + 1));
    // RFC 6376 §6.1.1: the same as d=, or below it.
    if (domain != signature.domain && !domain.ends_with("." + signature.domain))
      return wrong("i= is not below d=");
    signature.identity = decoded->substr(0, at + 1) + domain;
    return true;
  }

  bool version() {
    const bool wanted = kind_ == SignatureKind::dkim;
    if (wanted && tags_.value("v") != "1") return wrong("v= is not 1");
    // RFC 8617 §4.1.2: an ARC-Message-Signature has none; one that is there is not understood.
    return true;
  }

  bool canonicalization() {
    if (is_seal() || tags_.find("c") == nullptr) return true;
    const std::string both = to_lower(tags_.value("c"));
    const auto slash = both.find('/');
    const bool good =
        canon(both.substr(0, slash), out_.signature.header) &&
        canon(slash == std::string::npos ? "simple" : both.substr(slash + 1), out_.signature.body);
    return good || wrong("unknown canonicalization in c=");
  }
  static bool canon(std::string_view name, Canon& into) {
    into = name == "relaxed" ? Canon::relaxed : Canon::simple;
    return name == "relaxed" || name == "simple";
  }

  bool fields() {
    if (is_seal()) {
      // RFC 8617 §4.1.3: what a seal covers is fixed.
      return tags_.find("h") == nullptr || wrong("a seal with h=");
    }
    auto& names = out_.signature.signed_fields;
    names = colon_list(tags_.value("h"));
    if (std::ranges::find(names, "") != names.end()) return wrong("no names in h=");
    if (std::ranges::find(names, "from") == names.end()) return wrong("h= is without From");
    if (kind_ == SignatureKind::arc_message && std::ranges::find(names, "arc-seal") != names.end())
      return wrong("h= names ARC-Seal");
    return true;
  }

  bool body() {
    if (is_seal()) return true;
    auto hash = decode_base64(tags_.value("bh"));
    if (!hash || hash->size() != hash_size_) return wrong("no hash in bh=");
    out_.signature.body_hash = *std::move(hash);
    if (tags_.find("l") == nullptr) return true;
    out_.signature.body_length = parse_number(tags_.value("l"));
    return out_.signature.body_length || wrong("no length in l=");
  }

  bool query() {
    if (tags_.find("q") == nullptr) return true;
    const auto methods = colon_list(tags_.value("q"));
    return std::ranges::find(methods, "dns/txt") != methods.end() || wrong("unknown query in q=");
  }

  bool times() {
    if (!time("t", out_.signature.time) || !time("x", out_.signature.expiry)) return false;
    const auto& [from, until] = std::pair(out_.signature.time, out_.signature.expiry);
    return !from || !until || *until > *from || wrong("x= is not after t=");
  }
  bool time(std::string_view name, std::optional<std::uint64_t>& into) {
    if (tags_.find(name) == nullptr) return true;
    into = parse_number(tags_.value(name), latest_time);
    return into || wrong("no time in " + std::string(name) + "=");
  }

  bool chain() {
    if (!is_seal()) return true;
    out_.signature.chain = to_lower(tags_.value("cv"));
    return !out_.signature.chain.empty() || wrong("a seal without cv=");
  }

  const TagList& tags_;
  SignatureKind kind_;
  std::size_t hash_size_ = 0;
  ParsedSignature out_;
};

}  // namespace

std::string_view algorithm_name(Algorithm algorithm) {
  const auto known = std::ranges::find(algorithms, algorithm, &NamedAlgorithm::algorithm);
  return known == algorithms.end() ? "" : known->name;
}

ParsedSignature parse_signature(std::string_view value, SignatureKind kind) {
  const auto tags = TagList::parse(value);
  if (!tags) return {{}, {Outcome::permerror, tags.error().what}};
  return Reader(*tags, kind).read();
}

std::string without_signature(std::string_view field, std::string_view value) {
  const auto tags = TagList::parse(value);
  const Tag* tag = tags ? tags->find("b") : nullptr;
  if (tag == nullptr) return std::string(field);
  const auto at = static_cast<std::size_t>(tag->raw.data() - field.data());
  std::string out(field.substr(0, at));
  return out += field.substr(at + tag->raw.size());
}

}  // namespace postern::dkim
