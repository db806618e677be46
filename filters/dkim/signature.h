// signature.h — a signature field taken apart: RFC 6376 §3.5, and RFC 8617 §4.1 for ARC's two.
//
// "Any inconsistency or unexpected values MUST cause the header field to be completely ignored"
// (RFC 6376 §6.1.1): what is wrong is told, with what could be read for the report.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "filters/dkim/canonical.h"
#include "filters/dkim/outcome.h"

namespace postern::dkim {

enum class Algorithm : std::uint8_t { none, rsa_sha256, rsa_sha1, ed25519_sha256 };
std::string_view algorithm_name(Algorithm algorithm);  // as in a=

/// Which field it is: they share most tags.
enum class SignatureKind : std::uint8_t { dkim, arc_message, arc_seal };

struct Signature {
  Algorithm algorithm = Algorithm::none;
  std::string domain;    // d=, lower case
  std::string selector;  // s=
  std::string identity;  // i= decoded, or "@" and d=; empty for ARC
  Canon header = Canon::simple;
  Canon body = Canon::simple;
  std::vector<std::string> signed_fields;  // h=, lower case
  std::string body_hash;                   // octets
  std::string octets;                      // b=, decoded
  std::string beginning;                   // the first eight characters of b=, for header.b
  std::optional<std::uint64_t> body_length;
  std::optional<std::uint64_t> time, expiry;  // seconds since 1970
  unsigned instance = 0;                      // ARC: i=
  std::string chain;                          // ARC-Seal: cv=, lower case

  /// Where its key is: "selector._domainkey.domain", lower case.
  std::string key_name;
};

/// `value` is the field's, folded as it stands. An open judgement: well-formed.
struct ParsedSignature {
  Signature signature;
  Judgement judgement;
};
ParsedSignature parse_signature(std::string_view value, SignatureKind kind);

/// The field with the value of its b= taken out, with all white space around it (§3.7); `field` is
/// whole, `value` a part of it.
std::string without_signature(std::string_view field, std::string_view value);

constexpr unsigned most_instances = 50;  // RFC 8617 §4.2.1

}  // namespace postern::dkim
