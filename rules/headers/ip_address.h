// ip_address.h — IP addresses as SpamAssassin finds them in text: Constants.pm, IP_ADDRESS and its
// kin.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace postern {

/// A regular expression, without groups, for IPv4 with plain decimal octets and IPv6 in every
/// legal abbreviation, in any case, "IPv6:" in front allowed.
const std::string& ip_address_pattern();

/// The same for what means this machine: "localhost", 127.0.0.1, ::1 and its longer forms.
const std::string& localhost_pattern();

/// Loopback, link-local, RFC 1918 and carrier-grade NAT (RFC 6598).
bool is_private_ip(std::string_view ip);

/// Four decimal octets and nothing else.
bool is_ipv4(std::string_view text);

/// As DNS lists are asked: octets, or nibbles of IPv6, from the last to the first. Nothing for what
/// is no address.
std::optional<std::string> reversed_ip(std::string_view ip);

}  // namespace postern
