#include "policies/network.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cstring>

#include "gateway/base/bytes.h"

namespace postern {
namespace {

constexpr std::array<std::uint8_t, 12> mapped_prefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

constexpr std::uint8_t top_bits(unsigned count) {
  return static_cast<std::uint8_t>(0xff00U >> count);
}

bool is_mapped(const std::array<std::uint8_t, 16>& octets) {
  return std::equal(mapped_prefix.begin(), mapped_prefix.end(), octets.begin());
}

std::string_view without_brackets(std::string_view text) {
  if (text.size() < 2 || text.front() != '[' || text.back() != ']') return text;
  text = text.substr(1, text.size() - 2);
  return starts_with_ignoring_case(text, "IPv6:") ? text.substr(5) : text;
}

bool has_prefix(const IpAddress& address, std::string_view network) {
  return Network::parse(network)->contains(address);
}

}  // namespace

IpAddress IpAddress::v4(const std::array<std::uint8_t, 4>& octets) {
  IpAddress address;
  std::copy(octets.begin(), octets.end(), address.octets_.begin());
  return address;
}

IpAddress IpAddress::v6(const std::array<std::uint8_t, 16>& octets) {
  if (is_mapped(octets)) return v4({octets[12], octets[13], octets[14], octets[15]});
  IpAddress address;
  address.v4_ = false;
  address.octets_ = octets;
  return address;
}

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  text = without_brackets(text);
  std::array<char, INET6_ADDRSTRLEN> terminated{};
  if (text.empty() || text.size() >= terminated.size()) return std::nullopt;
  if (text.find('\0') != std::string_view::npos) return std::nullopt;
  std::copy(text.begin(), text.end(), terminated.begin());

  std::array<std::uint8_t, 4> four{};
  if (inet_pton(AF_INET, terminated.data(), four.data()) == 1) return v4(four);
  std::array<std::uint8_t, 16> sixteen{};
  if (inet_pton(AF_INET6, terminated.data(), sixteen.data()) == 1) return v6(sixteen);
  return std::nullopt;
}

std::string IpAddress::text() const {
  std::array<char, INET6_ADDRSTRLEN> out{};
  inet_ntop(v4_ ? AF_INET : AF_INET6, octets_.data(), out.data(), out.size());
  return out.data();
}

std::string IpAddress::reversed() const {
  constexpr std::string_view digits = "0123456789abcdef";
  const auto all = octets();
  std::string out;
  for (auto octet = all.rbegin(); octet != all.rend(); ++octet) {
    if (!out.empty()) out += '.';
    if (v4_) {
      out += std::to_string(*octet);
    } else {
      out += digits[*octet & 15U];
      out += '.';
      out += digits[*octet >> 4U];
    }
  }
  return out;
}

IpAddress IpAddress::prefix(unsigned length) const {
  IpAddress out = *this;
  for (unsigned i = 0; i < 16; ++i) {
    const unsigned kept = length > 8 * i ? std::min(length - 8 * i, 8U) : 0U;
    out.octets_[i] = static_cast<std::uint8_t>(out.octets_[i] & top_bits(kept));
  }
  return out;
}

bool IpAddress::same_prefix(const IpAddress& other, unsigned length) const {
  if (v4_ != other.v4_) return false;
  length = std::min(length, bits());
  const std::size_t whole = length / 8;
  if (std::memcmp(octets_.data(), other.octets_.data(), whole) != 0) return false;
  const unsigned rest = length % 8;
  if (rest == 0) return true;
  return ((octets_[whole] ^ other.octets_[whole]) & top_bits(rest)) == 0;
}

bool IpAddress::is_loopback() const {
  if (v4_) return octets_[0] == 127;
  return std::all_of(octets_.begin(), octets_.end() - 1, [](auto octet) { return octet == 0; }) &&
         octets_[15] == 1;
}

bool IpAddress::is_private() const {
  constexpr std::array<std::string_view, 5> v4_networks = {
      "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16"};
  if (!v4_) return (octets_[0] & 0xfeU) == 0xfc || (octets_[0] == 0xfe && octets_[1] >> 6U == 2);
  return std::any_of(v4_networks.begin(), v4_networks.end(),
                     [this](std::string_view network) { return has_prefix(*this, network); });
}

Result<Network> Network::parse(std::string_view text) {
  const std::size_t slash = text.rfind('/');
  const std::string_view host = text.substr(0, slash);
  const auto address = IpAddress::parse(host);
  if (!address) {
    return fail(std::errc::invalid_argument,
                "\"" + printable(text) + "\" is not an IP address or network: write 192.0.2.1, " +
                    "192.0.2.0/24 or 2001:db8::/32");
  }
  Network network{*address, address->bits()};
  if (slash == std::string_view::npos) return network;

  // A length given for ::ffff:0:0/96 and below counts the 96 bits of the mapping, too.
  const bool mapped = address->is_v4() && host.find(':') != std::string_view::npos;
  const std::uint64_t most = mapped ? 128 : address->bits();
  const auto length = parse_number(text.substr(slash + 1), most);
  if (!length || (mapped && *length < 96)) {
    return fail(std::errc::invalid_argument, "the length of network \"" + printable(text) +
                                                 "\" must be a number of at most " +
                                                 std::to_string(most));
  }
  network.length = static_cast<unsigned>(mapped ? *length - 96 : *length);
  if (address->prefix(network.length) != *address) {
    const Network meant{address->prefix(network.length), network.length};
    return fail(std::errc::invalid_argument,
                "\"" + printable(text) + "\" has bits set behind its length: write " +
                    meant.text() + " for the network, or " + address->text() + " for the host");
  }
  return network;
}

std::string Network::text() const { return address.text() + "/" + std::to_string(length); }

}  // namespace postern
