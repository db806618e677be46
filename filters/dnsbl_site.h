// dnsbl_site.h — an entry of dnsbl_sites, in the syntax of Postfix's postscreen:
//
//     zen.example.org                        any answer counts 1
//     zen.example.org=127.0.0.[2..11]*2      these answers count 2
//     list.example.net=127.0.[0..255].0*-3   an allow-list: takes 3 away
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/base/result.h"

namespace postern {

using ListAnswer = std::array<std::uint8_t, 4>;  // the address that a list answered with

/// d.d.d.d, where each d is a number or "[n;n..m]".
struct AnswerPattern {
  std::array<std::bitset<256>, 4> octets;
  bool matches(const ListAnswer& answer) const;
};

struct DnsblSite {
  std::string zone;  // lower case
  std::optional<AnswerPattern> pattern;
  int weight = 1;

  bool matches(const ListAnswer& answer) const { return !pattern || pattern->matches(answer); }
};

Result<DnsblSite> parse_dnsbl_site(std::string_view text);

}  // namespace postern
