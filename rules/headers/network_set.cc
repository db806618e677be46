#include "rules/headers/network_set.h"

#include <arpa/inet.h>

#include <algorithm>
#include <bit>
#include <cstring>

#include <fmt/format.h>

#include "gateway/base/bytes.h"

namespace postern {
namespace {

constexpr unsigned address_bits = 128;
constexpr unsigned mapped_bits = 96;  // of ::ffff:0:0, in front of an IPv4 address
constexpr std::size_t longest_address = 64;

std::optional<IpOctets> parse_ipv4(std::string_view text) {
  IpOctets out{};
  out[10] = out[11] = 0xff;
  const auto pieces = split(text, '.');
  if (pieces.size() != 4) return {};
  for (std::size_t i = 0; i < 4; ++i) {
    const auto number = parse_number(pieces[i], 255);
    if (!number) return {};
    out[12 + i] = static_cast<std::uint8_t>(*number);
  }
  return out;
}

/// "10.", "10.1" and "10.1.2" stand for whole networks of that many octets.
struct Abbreviated {
  std::string address;
  unsigned prefix;
};

std::optional<Abbreviated> complete(std::string_view text) {
  if (text.ends_with('.')) text.remove_suffix(1);
  const auto octets = split(text, '.').size();
  if (octets > 4) return {};
  std::string address(text);
  for (auto i = octets; i < 4; ++i) address += ".0";
  return Abbreviated{std::move(address), static_cast<unsigned>(octets * 8)};
}

bool looks_like_ipv4(std::string_view text) {
  const auto digits = text.find_first_not_of("0123456789");
  return digits != 0 && (digits == std::string_view::npos || text[digits] == '.');
}

/// The length of a prefix, in bits of its own family: "24", or for IPv4 a mask of leading ones.
std::optional<unsigned> prefix_of(std::string_view mask, bool ipv4) {
  if (const auto number = parse_number(mask, ipv4 ? 32 : address_bits))
    return static_cast<unsigned>(*number);
  const auto octets = ipv4 ? parse_ipv4(mask) : std::nullopt;
  if (!octets) return {};
  std::uint32_t bits = 0;
  for (std::size_t i = 12; i < 16; ++i) bits = (bits << 8) | (*octets)[i];
  const auto ones = static_cast<unsigned>(std::countl_one(bits));
  if (std::popcount(bits) != static_cast<int>(ones)) return {};
  return ones;
}

void keep_prefix(IpOctets& octets, unsigned prefix, std::uint8_t fill) {
  for (unsigned i = 0; i < octets.size(); ++i) {
    const unsigned kept = prefix > i * 8 ? std::min(8U, prefix - i * 8) : 0;
    const auto mask = static_cast<std::uint8_t>(0xff00U >> kept);
    octets[i] = static_cast<std::uint8_t>((octets[i] & mask) | (fill & ~mask));
  }
}

}  // namespace

std::optional<IpOctets> parse_ip(std::string_view text) {
  if (text.find(':') == std::string_view::npos) return parse_ipv4(text);
  if (text.size() > longest_address) return {};
  IpOctets out{};
  if (inet_pton(AF_INET6, std::string(text).c_str(), out.data()) != 1) return {};
  return out;
}

std::optional<std::string> NetworkSet::add(std::string_view written) {
  auto text = trim(written);
  Network network;
  if (text.starts_with('!')) {
    network.excluded = true;
    text = trim(text.substr(1));
  }
  const auto wrong = [&] { return fmt::format("\"{}\" is no IP network", printable(written, 60)); };
  if (const auto dash = text.find('-'); dash != std::string_view::npos) {
    const auto first = parse_ip(text.substr(0, dash));
    const auto last = parse_ip(text.substr(dash + 1));
    if (!first || !last || *last < *first) return wrong();
    network.first = *first;
    network.last = *last;
  } else {
    std::optional<std::string_view> mask;
    if (const auto slash = text.find('/'); slash != std::string_view::npos) {
      mask = text.substr(slash + 1);
      text = text.substr(0, slash);
    }
    if (text.starts_with('[') && text.ends_with(']')) text = text.substr(1, text.size() - 2);
    text = text.substr(0, text.find('%'));
    const bool ipv4 = looks_like_ipv4(text);
    const auto completed = ipv4 ? complete(text) : Abbreviated{std::string(text), address_bits};
    const auto octets = completed ? parse_ip(completed->address) : std::nullopt;
    const auto prefix = mask        ? prefix_of(*mask, ipv4)
                        : completed ? std::optional(completed->prefix)
                                    : std::nullopt;
    if (!octets || !prefix) return wrong();
    network.first = network.last = *octets;
    const unsigned bits = *prefix + (ipv4 ? mapped_bits : 0);
    keep_prefix(network.first, bits, 0x00);
    keep_prefix(network.last, bits, 0xff);
  }
  const auto earlier =
      std::ranges::find_if(networks_, [&](const Network& known) { return known.holds(network); });
  if (earlier != networks_.end()) {
    return fmt::format("\"{}\" has no effect: an earlier entry {} it already",
                       printable(written, 60), earlier->excluded ? "excludes" : "has");
  }
  networks_.push_back(network);
  return {};
}

bool NetworkSet::contains(std::string_view ip) const {
  const auto octets = parse_ip(ip);
  if (!octets) return false;
  for (const auto& network : networks_) {
    if (network.first <= *octets && *octets <= network.last) return !network.excluded;
  }
  return false;
}

}  // namespace postern
