#include <algorithm>

#include "gateway/pipeline/filter.h"

namespace postern {

const FilterType* find_filter_type(std::string_view name) {
  const auto types = filter_types();
  const auto found = std::ranges::find(types, name, &FilterType::name);
  return found == types.end() ? nullptr : *found;
}

}  // namespace postern
