// configured_maps.h — a filter's key that names lookup tables: read, opened, and complained about.
#pragma once

#include <string_view>
#include <vector>

#include "gateway/base/config.h"
#include "policies/map.h"

namespace postern {

/// Reports what is wrong with the key `name`, or with a file that it names, as problems of the
/// configuration. True: there was something.
bool report_problems(Keys& keys, std::string_view name, const std::vector<Problem>& problems);

/// Describes the list of maps `name` and opens it. Problems are added to `problems`; report them
/// with report_problems().
MapList read_maps(Keys& keys, std::string_view name, std::string_view help,
                  std::vector<Problem>& problems);

}  // namespace postern
