// network.h — IP addresses and networks as values.
//
// An IPv4 address mapped into IPv6 (::ffff:192.0.2.1) is the IPv4 address, everywhere: a listener
// on both families must not give one client two identities.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "gateway/base/result.h"

namespace postern {

class IpAddress {
 public:
  /// 0.0.0.0.
  IpAddress() = default;
  static IpAddress v4(const std::array<std::uint8_t, 4>& octets);
  static IpAddress v6(const std::array<std::uint8_t, 16>& octets);
  /// "192.0.2.1", "2001:db8::1", either in brackets, "[IPv6:2001:db8::1]" too. No zone ("%eth0"),
  /// no short forms ("127.1"), no leading zeros.
  static std::optional<IpAddress> parse(std::string_view text);

  bool is_v4() const { return v4_; }
  unsigned bits() const { return v4_ ? 32 : 128; }
  /// In network order: 4 or 16.
  std::span<const std::uint8_t> octets() const { return {octets_.data(), v4_ ? 4U : 16U}; }

  /// "192.0.2.1"; IPv6 in the form of RFC 5952.
  std::string text() const;
  /// For questions to DNS lists: "1.2.0.192", or 32 nibbles with dots (RFC 5782 §2.1, §2.4).
  std::string reversed() const;

  /// The address with all bits but the first `length` cleared.
  IpAddress prefix(unsigned length) const;
  /// Whether both are of one family and agree in the first `length` bits.
  bool same_prefix(const IpAddress& other, unsigned length) const;

  bool is_loopback() const;
  /// Not of the public internet: RFC 1918, shared address space (RFC 6598), link-local, and
  /// unique local IPv6 (RFC 4193). Loopback is not among them.
  bool is_private() const;

  auto operator<=>(const IpAddress&) const = default;

 private:
  bool v4_ = true;
  std::array<std::uint8_t, 16> octets_{};  // IPv4 in the first four, the rest zero
};

struct Network {
  IpAddress address;
  unsigned length = 32;

  /// "192.0.2.0/24", "[2001:db8::]/32", "2001:db8::/32"; without a length: that one address. Bits
  /// behind the length must be zero: they are a typing error of which half is unknown, so the
  /// error names the network that was probably meant.
  static Result<Network> parse(std::string_view text);
  bool contains(const IpAddress& candidate) const { return candidate.same_prefix(address, length); }
  std::string text() const;
};

}  // namespace postern
