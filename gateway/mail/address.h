// address.h — mailbox addresses and paths: RFC 5321 §4.1.2, RFC 6531 §3.3.
//
// Domains compare without case and are kept in lower case here; local parts keep theirs (§2.4).
#pragma once

#include <string>
#include <string_view>

#include "gateway/base/result.h"

namespace postern {

/// A parsed mailbox, or the null reverse-path (both parts empty).
struct Address {
  std::string local;   // unquoted: "john doe" for "\"john doe\"@example.org"
  std::string domain;  // lower case; "[192.0.2.1]" and "[IPv6:2001:db8::1]" stay as literals

  bool null() const { return local.empty() && domain.empty(); }
  /// local@domain, the local part quoted where RFC 5321 asks for it; "" for the null path;
  /// "postmaster" for the domainless postmaster of §4.1.1.3.
  std::string text() const;
  bool operator==(const Address&) const = default;
};

/// What stands between '<' and '>' has been taken as a path and the rest is left for parameters.
struct ParsedPath {
  Address address;
  std::string_view rest;  // after the '>' and the blanks behind it; points into the input
};

/// Parses "<...>" at the start of `text` (RFC 5321 §4.1.2 Path). A source route is read and
/// ignored (§4.1.1.3, appendix C). Limits: local part 64, domain 255 octets (§4.5.3.1).
/// `utf8`: whether SMTPUTF8 was asked for; without it 8-bit octets are an error (RFC 6531 §3.4).
/// UTF-8 is checked for validity (no overlong forms, no surrogates); controls are refused.
/// `null_allowed` means a reverse-path: "<>" is its null, and a name without a domain is read too,
/// as Postfix does: the grammar forbids it, but mail with it is sent, and refusing it for that
/// alone would lose it; so is one with several unquoted '@', of which the last divides. Of
/// forward-paths only "<postmaster>" may stand without a domain.
Result<ParsedPath> parse_path(std::string_view text, bool utf8, bool null_allowed);

/// Parses a bare "local@domain", as administrators write it in maps and settings.
Result<Address> parse_address(std::string_view text);

/// Without a copy: what stands behind the last '@', "" where there is none.
std::string_view domain_of(std::string_view address);
std::string_view local_of(std::string_view address);

/// RFC 3461 §4: xtext. Decoding refuses controls, so that nothing can be injected (fault F47).
Result<std::string> decode_xtext(std::string_view text);
std::string encode_xtext(std::string_view text);

bool valid_utf8(std::string_view text);
/// Letters, digits, hyphens, dots (underscores tolerated), labels of 1..63; or an address literal.
bool valid_domain(std::string_view text);

}  // namespace postern
