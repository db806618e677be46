// record.h — an SPF record: RFC 7208 §4.5, §4.6, §5, §6, §12.
//
// Read as a whole and strictly before anything in it is asked for: one mistake anywhere makes the
// record permerror (§4.6). No recursion, linear, bounded by the record's length.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/base/result.h"
#include "rules/message/authentication_results.h"

namespace postern::spf {

enum class Mechanism : std::uint8_t { all, include, a, mx, ptr, ip4, ip6, exists };

struct Directive {
  SpfResult result = SpfResult::pass;  // of the qualifier: pass, fail, softfail or neutral
  Mechanism mechanism = Mechanism::all;
  std::string domain;                      // domain-spec as written; "" = the current domain
  std::array<std::uint8_t, 16> address{};  // ip4 (the first four), ip6
  unsigned length4 = 32;                   // prefix lengths for the addresses of each family
  unsigned length6 = 128;
};

struct Record {
  std::vector<Directive> directives;
  std::string redirect;     // domain-spec; "" = none
  std::string explanation;  // exp=, domain-spec; "" = none
};

constexpr std::size_t longest_record = 8192;  // octets; §3.4 wants 450, providers write 2000

/// §4.5: whether a TXT record is of our version: "v=spf1", alone or before a blank.
bool is_record(std::string_view text);

/// `text` is_record(). The error names the term that is wrong.
Result<Record> parse_record(std::string_view text);

}  // namespace postern::spf
