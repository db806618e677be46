// macro.h — the macro language of SPF: RFC 7208 §7.
//
// Texts come from the DNS of strangers. Whether one is well formed is decided when a record is
// read; expanding it never fails. Work is linear in what comes out, and that has a bound.
#pragma once

#include <string>
#include <string_view>

#include "gateway/base/clock.h"
#include "policies/network.h"

namespace postern::spf {

/// A domain-spec may not have blanks and the letters c, r, t; an explanation may.
enum class MacroPlace { domain, explanation };

/// §7.1 macro-string, or explain-string: visible ASCII, each '%' the start of an expansion.
bool valid_macros(std::string_view text, MacroPlace place);

/// §7.1 domain-spec: a macro-string that ends in a top-level label or an expansion.
bool valid_domain_spec(std::string_view text);

/// Whether expanding would want the client's validated name: %{p} costs questions to the DNS.
bool wants_validated_name(std::string_view text);

/// §7.2: what the letters stand for.
struct MacroValues {
  std::string sender;          // s; l and o are its parts
  std::string domain;          // d: the one whose record is evaluated
  std::string helo;            // h
  std::string validated_name;  // p; "unknown" where there is none
  std::string receiver;        // r
  IpAddress client;            // i, c, v
  WallTime now{};              // t
};

constexpr std::size_t longest_expansion = 4096;  // octets; the rest is cut off

/// `text` is valid. Parts are reversed and cut as asked for; a capital letter escapes as in URLs.
std::string expand_macros(std::string_view text, const MacroValues& values);

/// §7.3: a name that has grown beyond 253 octets loses labels on its left; the final dot goes.
std::string expand_domain(std::string_view text, const MacroValues& values);

}  // namespace postern::spf
