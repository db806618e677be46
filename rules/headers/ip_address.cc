#include "rules/headers/ip_address.h"

#include <fmt/format.h>

#include "gateway/base/bytes.h"
#include "rules/headers/network_set.h"

namespace postern {
namespace {

constexpr std::string_view ipv4_octet = R"((?:1\d\d|2[0-4]\d|25[0-5]|[1-9]\d|\d))";

std::string ipv4() { return fmt::format(R"({0}\.{0}\.{0}\.{0})", ipv4_octet); }

/// RFC 4291 §2.2: `groups` of 16 bits in all, of which "::" may stand for a run. `last` is what
/// ends the address: a group, or an IPv4 address in the place of two.
std::string abbreviations(int groups, std::string_view last) {
  std::string out = fmt::format("(?:[a-f0-9]{{1,4}}:){{{}}}{}", groups - 1, last);
  out += fmt::format("|::(?:[a-f0-9]{{1,4}}:){{0,{}}}{}", groups - 2, last);
  for (int before = 1; before < groups - 1; ++before) {
    out += fmt::format("|(?:[a-f0-9]{{1,4}}:){{{}}}:(?:[a-f0-9]{{1,4}}:){{0,{}}}{}", before,
                       groups - 2 - before, last);
  }
  return out;
}

std::string ipv6() {
  return fmt::format(
      "(?:IPv6:|(?<![a-f0-9:]))(?:{}|{}|(?:[a-f0-9]{{1,4}}:){{1,7}}:|::)(?![a-f0-9:])",
      abbreviations(7, ipv4()), abbreviations(8, "[a-f0-9]{1,4}"));
}

bool is_private_ipv4(unsigned first, unsigned second) {
  return first == 10 || first == 127 || (first == 169 && second == 254) ||
         (first == 172 && second >= 16 && second <= 31) || (first == 192 && second == 168) ||
         (first == 100 && second >= 64 && second <= 127);
}

bool is_mapped_ipv4(const IpOctets& octets) {
  for (std::size_t i = 0; i < 10; ++i)
    if (octets[i] != 0) return false;
  return octets[10] == 0xff && octets[11] == 0xff;
}

}  // namespace

const std::string& ip_address_pattern() {
  static const std::string pattern = fmt::format(R"((?i:\b(?<!:){}\b|{}))", ipv4(), ipv6());
  return pattern;
}

const std::string& localhost_pattern() {
  static const std::string pattern =
      R"((?i:localhost(?:\.localdomain)?|\b(?<!:)127\.0\.0\.1\b|(?:IPv6:|(?<![a-f0-9:])))"
      R"((?:(?:0{1,4}:){1,6}|:):?(?:0{1,4}:){0,5}(?:ffff:127\.0\.0\.1|0{0,3}1)(?![a-f0-9:])))";
  return pattern;
}

bool is_private_ip(std::string_view ip) {
  const auto octets = parse_ip(ip);
  if (!octets) return false;
  if (is_mapped_ipv4(*octets)) return is_private_ipv4((*octets)[12], (*octets)[13]);
  const bool link_local = (*octets)[0] == 0xfe && ((*octets)[1] & 0xc0) == 0x80;
  IpOctets loopback{};
  loopback.back() = 1;
  return link_local || *octets == loopback;
}

bool is_ipv4(std::string_view text) {
  return text.find(':') == std::string_view::npos && parse_ip(text).has_value();
}

std::optional<std::string> reversed_ip(std::string_view ip) {
  const auto octets = parse_ip(ip);
  if (!octets) return {};
  if (ip.find(':') == std::string_view::npos) {
    return fmt::format("{}.{}.{}.{}", (*octets)[15], (*octets)[14], (*octets)[13], (*octets)[12]);
  }
  std::string out;
  for (std::size_t i = octets->size(); i-- > 0;) {
    const unsigned octet = (*octets)[i];
    out += fmt::format("{:x}.{:x}{}", octet & 15U, octet >> 4U, i > 0 ? "." : "");
  }
  return out;
}

}  // namespace postern
