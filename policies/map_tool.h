// map_tool.h — tables from the shell: what stands behind `postern map query` and `map check`.
#pragma once

#include <string>
#include <string_view>

namespace postern {

struct ToolOutput {
  int exit_code = 0;
  std::string out;  // for standard output
  std::string err;  // for standard error
};

/// The value of that very key, as `postmap -q`: no parts of it are tried. Exit code 0 found, 1 not
/// found, 75 the map could not answer, 78 the map or one of its lines is wrong.
ToolOutput map_query(std::string_view map, std::string_view key);

/// "map TAB number of entries", or every line that is wrong. Exit code 0 or 78.
ToolOutput map_check(std::string_view map);

}  // namespace postern
