#include "rules/base/statement.h"

#include "gateway/base/bytes.h"

namespace postern {

std::string_view take_word(std::string_view& rest) {
  std::size_t end = 0;
  while (end < rest.size() && !is_space(rest[end])) ++end;
  const auto word = rest.substr(0, end);
  while (end < rest.size() && is_space(rest[end])) ++end;
  rest.remove_prefix(end);
  return word;
}

}  // namespace postern
