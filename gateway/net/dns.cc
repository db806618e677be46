#include "gateway/net/dns.h"

#include <arpa/inet.h>

#include <array>
#include <string_view>

namespace postern {

Task<std::optional<DigestCount>> Resolver::digest_count(std::string, SteadyTime) {
  co_return std::nullopt;
}

std::string reverse_name(const std::string& address) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::array<unsigned char, 16> octets{};
  std::string name;
  if (inet_pton(AF_INET, address.c_str(), octets.data()) == 1) {
    for (std::size_t i = 4; i-- > 0;) name += std::to_string(octets[i]) + ".";
    return name + "in-addr.arpa";
  }
  if (inet_pton(AF_INET6, address.c_str(), octets.data()) == 1) {
    for (std::size_t i = octets.size(); i-- > 0;) {
      name += {digits[octets[i] & 0xf], '.', digits[octets[i] >> 4], '.'};
    }
    return name + "ip6.arpa";
  }
  return {};
}

}  // namespace postern
