// statement.h — one line of a rule file, cleaned, with a memory of where it stood.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "gateway/base/config.h"

namespace postern {

struct Statement {
  std::string_view file;
  std::size_t line = 0;
  std::string_view text;       // the whole line, comment gone
  std::string key;             // lower case, '-' as '_'
  std::string_view written;    // the key as written, within `text`
  std::string_view arguments;  // within `text`, trimmed
  bool commented = false;      // a comment was cut off the end

  /// "file:line:column" of a piece of `text`.
  std::string where(std::string_view piece) const {
    return fmt::format("{}:{}:{}", file, line, piece.data() - text.data() + 1);
  }
  Problem problem(std::string_view piece, std::string what) const {
    return {where(piece), std::move(what)};
  }
};

/// Takes the first word off `rest` and the blanks behind it.
std::string_view take_word(std::string_view& rest);

}  // namespace postern
