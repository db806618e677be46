// base_uri.h — what <base href> sets for the links behind it.
#pragma once

#include <string>
#include <string_view>

namespace postern {

/// Without the file name at its end, with a slash; "" for schemes that make no base. What HTML.pm
/// does with it.
std::string base_of_uri(std::string_view href);

}  // namespace postern
