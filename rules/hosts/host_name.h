// host_name.h — whether a word can be the name of a host, or an address instead of one.
//
// Util.pm's is_fqdn_valid and Constants.pm's IS_IP_ADDRESS of SpamAssassin 4.0.1, its tolerances
// included. Linear; nothing is looked up.
#pragma once

#include <string_view>

namespace postern {

/// Two labels or more, 63 octets a label, 253 in all, dots at the end forgiven. '_' may stand in
/// all but the last two labels, since DNS knows such names. Letters of any case.
bool is_fully_qualified(std::string_view host);

/// IPv4 with plain decimal octets, or IPv6 (an "IPv6:" in front and an IPv4 tail allowed), without
/// brackets.
bool is_ip_address(std::string_view text);

/// The IPv4 part of the above alone.
bool is_ipv4_address(std::string_view text);

}  // namespace postern
