#include "policies/map_tool.h"

#include "policies/map.h"

namespace postern {
namespace {

// sysexits.h's EX_TEMPFAIL and EX_CONFIG.
constexpr int exit_temporary = 75;
constexpr int exit_configuration = 78;

ToolOutput configuration_error(const std::vector<Problem>& problems) {
  ToolOutput output{exit_configuration, {}, {}};
  for (const Problem& problem : problems) output.err += problem.where + ": " + problem.what + "\n";
  return output;
}

}  // namespace

ToolOutput map_query(std::string_view map, std::string_view key) {
  std::vector<Problem> problems;
  const auto opened = open_map(map, problems);
  if (!opened) return {exit_configuration, {}, opened.error().what + "\n"};
  if (!problems.empty()) return configuration_error(problems);

  const auto value = (*opened)->find(key);
  if (!value) return {exit_temporary, {}, value.error().what + "\n"};
  if (!*value) return {1, {}, {}};
  return {0, **value + "\n", {}};
}

ToolOutput map_check(std::string_view map) {
  std::vector<Problem> problems;
  const auto opened = open_map(map, problems);
  if (!opened) return {exit_configuration, {}, opened.error().what + "\n"};
  if (!problems.empty()) return configuration_error(problems);
  return {0, std::string(map) + "\t" + std::to_string((*opened)->size()) + "\n", {}};
}

}  // namespace postern
