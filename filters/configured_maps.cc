#include "filters/configured_maps.h"

#include <string>

namespace postern {

bool report_problems(Keys& keys, std::string_view name, const std::vector<Problem>& problems) {
  // A table of a million bad lines is one mistake, not a million.
  constexpr std::size_t most_shown = 20;
  const std::string here = keys.where(name);
  for (std::size_t i = 0; i < problems.size(); ++i) {
    if (i == most_shown) {
      keys.problem(name,
                   "and " + std::to_string(problems.size() - i) + " more problems of this kind");
      break;
    }
    const auto& [where, what] = problems[i];
    keys.problem(name, where == here || where.empty() ? what : where + ": " + what);
  }
  return !problems.empty();
}

MapList read_maps(Keys& keys, std::string_view name, std::string_view help,
                  std::vector<Problem>& problems) {
  ConfiguredList list;
  keys.list(name, list.entries, help);
  list.where = keys.where(name);
  return MapList::open(list, problems);
}

}  // namespace postern
