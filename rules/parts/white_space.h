// white_space.h — white space evened out in rendered text.
#pragma once

#include <string>
#include <string_view>

namespace postern {

/// What lies between the first and the last line end of a run of white space with two or more of
/// them is one "\n": a paragraph ends. All other white space, Unicode's too (`text` is UTF-8, or
/// octets where `unicode` is false), is one blank a run. NUL becomes "\n". Linear.
std::string evened_out(std::string_view text, bool unicode = true);

}  // namespace postern
