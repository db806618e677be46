// open_maps.h — opening maps in tests: short, and loud where something is wrong.
#pragma once

#include <boost/test/unit_test.hpp>
#include <memory>
#include <string>
#include <vector>

#include "policies/map.h"

namespace postern {

inline std::string join(const std::vector<Problem>& problems) {
  std::string out;
  for (const Problem& problem : problems) out += problem.where + ": " + problem.what + "\n";
  return out;
}

inline std::shared_ptr<const Map> open_good(const std::string& specification) {
  std::vector<Problem> problems;
  auto map = open_map(specification, problems);
  BOOST_REQUIRE_MESSAGE(map, specification << ": " << (map ? "" : map.error().what));
  BOOST_REQUIRE_MESSAGE(problems.empty(), join(problems));
  return *map;
}

inline MapList open_list(const std::vector<std::string>& specifications) {
  std::vector<Problem> problems;
  MapList list = MapList::open({specifications, "test.toml:1:1"}, problems);
  BOOST_REQUIRE_MESSAGE(problems.empty(), join(problems));
  return list;
}

/// What the map says: the value, "(none)" or "(error)".
inline std::string ask(const Map& map, std::string_view key) {
  const auto value = map.find(key);
  if (!value) return "(error)";
  return *value ? **value : "(none)";
}

}  // namespace postern
