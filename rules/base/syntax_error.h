// syntax_error.h — a mistake in a piece of a rule file's line.
#pragma once

#include <cstddef>
#include <string>

namespace postern {

struct SyntaxError {
  std::size_t at = 0;  // octets from the start of that piece
  std::string what;    // cause and remedy
};

}  // namespace postern
