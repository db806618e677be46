// network_set.h — a list of IP networks as rule files write them: NetSet.pm of SpamAssassin 4.0.1.
//
// "10.1.2.3", "10.1." or "10.1/16", "10.0.0.0/255.0.0.0", "2001:db8::/32", "[::1]",
// "10.0.0.1-10.0.0.9", each with "!" in front for "but not these". The first entry that holds an
// address decides, so exceptions stand before what they are taken from.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postern {

/// In network order; IPv4 as ::ffff:a.b.c.d.
using IpOctets = std::array<std::uint8_t, 16>;

/// Nothing for what is no address. No brackets, prefix or %zone.
std::optional<IpOctets> parse_ip(std::string_view text);

class NetworkSet {
 public:
  /// What is wrong with `written`, or nothing when it was added.
  std::optional<std::string> add(std::string_view written);
  bool contains(std::string_view ip) const;

 private:
  struct Network {
    IpOctets first{};
    IpOctets last{};
    bool excluded = false;
    bool holds(const Network& other) const { return first <= other.first && other.last <= last; }
  };
  std::vector<Network> networks_;
};

}  // namespace postern
