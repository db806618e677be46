// numeric_host.h — IPv4 addresses written so that nobody recognises them.
//
// Parts of Util.pm's uri_list_canonicalize of SpamAssassin 4.0.1, its oddities included: a zero
// octet comes out empty, and values over 32 bits give their first eight digits.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace postern {

/// "192.0.2.1" of "0300.0.0x2.1" (here "192..2.1"), "0xC0000201" or "3221225985"; nothing for other
/// hosts. Four plain octets come out as they are.
std::optional<std::string> plain_ipv4(std::string_view host);

}  // namespace postern
