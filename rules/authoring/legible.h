// legible.h — octets of messages and rule files as people read them.
#pragma once

#include <string>
#include <string_view>

namespace postern {

/// Printable ASCII as it stands, a line end as \n, a TAB as \t, all other octets as \xHH. For
/// reading: it cannot be undone, since a backslash stays one.
std::string legible(std::string_view octets);

/// The same in at most `room` columns, which are more than three; "..." stands for what was cut.
std::string legible(std::string_view octets, std::size_t room);

}  // namespace postern
