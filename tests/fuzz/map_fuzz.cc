// map_fuzz.cc — any text as any kind of table: it loads or its lines are named, and it answers.
//
// The first octet chooses the kind, the rest of the first line is the key, what follows the table.
#include <string>
#include <vector>

#include "policies/cidr_map.h"
#include "policies/network.h"
#include "policies/pattern_map.h"
#include "policies/text_map.h"
#include "tests/fuzz/fuzz.h"

using namespace postern;

namespace {

std::shared_ptr<const Map> parse(char kind, std::string_view source,
                                 std::vector<Problem>& problems) {
  switch (kind) {
    case 'c':
      return parse_cidr_map(source, "cidr:t", "t", problems);
    case 'r':
      return parse_pattern_map(source, PatternDialect::regexp, {"regexp:t", "t"}, problems);
    case 'p':
      return parse_pattern_map(source, PatternDialect::pcre, {"pcre:t", "t"}, problems);
    case 'i': {
      auto map = parse_inline_map(source, "inline:t");
      return map ? *map : nullptr;
    }
    default:
      return parse_text_map(source, "hash:t", "t", problems);
  }
}

void check_answer(const Map& map, char kind, std::string_view key) {
  const auto first = map.find(key);
  const auto second = map.find(key);
  require(first.has_value() == second.has_value(), "the same question has the same answer");
  if (!first) return require(kind == 'r' || kind == 'p', "only patterns can fail in memory");
  require(*first == *second, "the same question has the same answer");
  if (*first) require(map.size() > 0, "an empty table has no answer");
  if (kind == 'c' && *first) require(IpAddress::parse(key).has_value(), "only addresses match");
}

void check_values(const Map& map) {
  std::size_t visited = 0;
  map.each_value([&visited](const std::string& where, std::string_view) {
    require(!where.empty(), "a value has a place");
    ++visited;
  });
  require(visited <= map.size(), "no more values than entries");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  const auto input = as_text(octets, size);
  if (input.empty()) return 0;
  const std::size_t line = std::min(input.find('\n'), input.size() - 1);
  const std::string_view key = line == 0 ? "" : input.substr(1, line - 1);
  const std::string_view source = input.substr(line + 1);

  std::vector<Problem> problems;
  const auto map = parse(input.front(), source, problems);
  for (const Problem& problem : problems) {
    require(problem.where.starts_with("t:"), "a problem names its line");
    require(!problem.what.empty(), "a problem says what it is");
  }
  if (!map) return 0;
  check_answer(*map, input.front(), key);
  check_values(*map);
  return 0;
}
