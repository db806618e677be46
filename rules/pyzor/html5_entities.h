// html5_entities.h — character references by the rules of HTML 5, as Python's html.unescape() has
// them.
//
// rules/html knows the names of HTML 4, as HTML::Parser does, and no name without its semicolon
// but the old ones; here any text that begins with such a name is a reference.
#pragma once

#include <string>
#include <string_view>

namespace postern {

std::u32string without_references(std::u32string_view text);

}  // namespace postern
