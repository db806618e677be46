// address_list.h — the addresses and display names in a From, To or Reply-To field, as rules see
// them: Util.pm, parse_header_addresses of SpamAssassin 4.0.1, which reads RFC 5322 §3.4 tolerantly
// and gives up on some fields that mail programs still read.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postern {

/// At least one of the two is there.
struct ListedAddress {
  std::optional<std::string> address;  // local@domain as written, without the angle brackets
  std::optional<std::string> name;     // display name, or the comment; not yet RFC 2047-decoded
};

/// Looks at 8192 octets, the limit of a field's value.
std::vector<ListedAddress> parse_address_list(std::string_view field);

}  // namespace postern
