// rulefile_fuzz.cc — any text is read as a rule file: what is wrong is named with its place, what
// is left can be compiled and run, and the same text gives the same rules.
#include <string>

#include "rules/language/condition.h"
#include "rules/language/expression.h"
#include "rules/rules.h"
#include "tests/fuzz/fuzz.h"

using namespace postern;

namespace {

bool names_a_place(const Problem& problem) {
  const auto column = problem.where.rfind(':');
  const auto line = problem.where.rfind(':', column - 1);
  return problem.where.starts_with("f.cf:") && line != std::string::npos &&
         column + 1 < problem.where.size() && !problem.what.empty();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  const auto input = as_text(octets, size);
  const auto loaded = load_rules_text(input, "f.cf");
  require(loaded.rules != nullptr, "a set comes out");
  for (const auto& problem : loaded.problems)
    require(names_a_place(problem), "a problem has its place");
  for (const auto& remark : loaded.remarks)
    require(names_a_place(remark), "a remark has its place");

  ScanScratch scratch;
  constexpr std::string_view message =
      "From: a <a@b.example>\r\nSubject: a test 1\r\n\r\naaa http://b.example/ bbb\r\n";
  const auto result = scan(*loaded.rules, {.octets = message}, scratch);
  const auto again = scan(*load_rules_text(input, "f.cf").rules, {.octets = message}, scratch);
  if (result.limited.empty())
    require(scan_line("m", result) == scan_line("m", again), "the same text, the same hits");
  for (std::size_t i = 1; i < result.hits.size(); ++i) {
    require(result.hits[i - 1].name < result.hits[i].name, "hits are sorted");
  }

  if (const auto condition = evaluate_condition(input, {}); !condition) {
    require(!condition.error().what.empty(), "an error says what");
  }
  if (const auto pattern = translate_pattern(input)) {
    require(pattern->text.size() == pattern->origin.size(), "each octet has its origin");
    for (const auto origin : pattern->origin)
      require(origin < input.size(), "the origin is in the text");
  }
  return 0;
}
