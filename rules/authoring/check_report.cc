#include "rules/authoring/check_report.h"

#include <algorithm>

#include <fmt/format.h>
#include <boost/json.hpp>

#include "gateway/base/bytes.h"
#include "rules/authoring/lint.h"

namespace postern {
namespace {

using Outcome = SampleResult::Outcome;

std::ptrdiff_t count(const std::vector<SampleResult>& samples, Outcome outcome) {
  return std::ranges::count(samples, outcome, &SampleResult::outcome);
}

std::ptrdiff_t count(const RuleSet& rules, Idle::Cause cause) {
  return std::ranges::count(rules.idle(), cause, &Idle::cause);
}

void append(std::string& out, const std::vector<Problem>& problems, std::string_view kind) {
  for (const auto& problem : problems)
    out += fmt::format("{}: {}: {}\n", problem.where, kind, problem.what);
}

std::string samples_summary(const std::vector<SampleResult>& samples) {
  return fmt::format("tests: {} passed, {} failed, {} not run\n", count(samples, Outcome::passed),
                     count(samples, Outcome::failed), count(samples, Outcome::not_run));
}

std::string_view name_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::passed:
      return "passed";
    case Outcome::failed:
      return "failed";
    case Outcome::not_run:
      return "not run";
  }
  return "";
}

boost::json::array as_json(const std::vector<Problem>& problems) {
  boost::json::array out;
  for (const auto& problem : problems)
    out.push_back({{"where", problem.where}, {"what", problem.what}});
  return out;
}

}  // namespace

bool CheckReport::has_failed_samples() const { return count(samples, Outcome::failed) > 0; }

std::string CheckReport::samples_text() const {
  std::string out;
  for (const auto& result : samples) {
    if (result.outcome == Outcome::passed) continue;
    out += fmt::format("{}: test: {}: {}\n", result.sample->where, name_of(result.outcome),
                       result.why);
  }
  return out + samples_summary(samples);
}

std::string CheckReport::text() const {
  std::string out;
  for (const auto& file : loaded.files) out += fmt::format("{}: read\n", file);
  append(out, loaded.problems, "problem");
  append(out, loaded.remarks, "remark");
  out += samples_text();
  const auto& rules = *loaded.rules;
  out += fmt::format(
      "rules: {} run, {} scored 0 and not run, {} in branches that do not count\n"
      "found: {} problems, {} remarks\n",
      rules.rules().size(), count(rules, Idle::Cause::scored_zero),
      count(rules, Idle::Cause::condition), loaded.problems.size(), loaded.remarks.size());
  return out;
}

std::string CheckReport::json() const {
  boost::json::array files(loaded.files.begin(), loaded.files.end());
  boost::json::array tests;
  for (const auto& result : samples) {
    tests.push_back({{"where", result.sample->where},
                     {"rule", result.sample->rule},
                     {"expected", result.sample->hits ? "ok" : "fail"},
                     {"text", printable(result.sample->text, 1000)},
                     {"outcome", name_of(result.outcome)},
                     {"why", result.why}});
  }
  const auto& rules = *loaded.rules;
  const boost::json::object out{{"files", std::move(files)},
                                {"problems", as_json(loaded.problems)},
                                {"remarks", as_json(loaded.remarks)},
                                {"tests", std::move(tests)},
                                {"rules",
                                 {{"run", rules.rules().size()},
                                  {"scored_zero", count(rules, Idle::Cause::scored_zero)},
                                  {"left_out", count(rules, Idle::Cause::condition)}}}};
  return boost::json::serialize(out) + "\n";
}

CheckReport check_rules(LoadedRules loaded) {
  CheckReport out;
  auto remarks = lint_rules(*loaded.rules);
  std::ranges::move(remarks, std::back_inserter(loaded.remarks));
  out.samples = run_samples(*loaded.rules);
  out.loaded = std::move(loaded);
  return out;
}

}  // namespace postern
