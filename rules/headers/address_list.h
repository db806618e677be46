// address_list.h — the addresses and display names in a From, To or Reply-To field, as rules see
// them: RFC 5322 §3.4, read as tolerantly as mail programs do, since spammers write the fields.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace postern {

struct ListedAddress {
  std::string address;  // local@domain as written, without the angle brackets
  std::string name;  // display name, or the comment behind a bare address; not yet RFC 2047-decoded
};

/// Linear, without recursion; at most 1000 addresses. Groups give their members.
std::vector<ListedAddress> parse_address_list(std::string_view field);

}  // namespace postern
