// spf_suite_test.cc — the suites of others, where they are at hand; and how one is read.
#define BOOST_TEST_DYN_LINK
#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "filters/spf/record.h"
#include "gateway/verify/spf_suite.h"

using namespace postern;
namespace json = boost::json;

namespace {

std::string suite_text(const std::string& name) {
  const char* top = std::getenv("POSTERN_TESTDATA");
  if (top == nullptr) return "";
  std::ifstream in(std::filesystem::path(top) / "suites/spf" / name, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

bool accepted(const json::value& expected, const std::string& result) {
  if (expected.is_string()) return std::string_view(expected.as_string()) == result;
  return std::ranges::any_of(expected.as_array(),
                             [&](const auto& one) { return accepted(one, result); });
}

void check_suite(const std::string& name) {
  const std::string text = suite_text(name);
  if (text.empty()) {
    BOOST_TEST_MESSAGE("skipped: no suites");
    return;
  }
  const auto lines = run_spf_suite(text);
  BOOST_REQUIRE(lines.has_value());
  std::size_t at = 0;
  const auto scenarios = json::parse(text);
  for (const auto& scenario : scenarios.as_array()) {
    for (const auto& [id, value] : scenario.at("tests").as_object()) {
      const SuiteLine& line = lines->at(at++);
      const auto& test = value.as_object();
      BOOST_REQUIRE(line.id == std::string_view(id));
      if (test.contains("disputed")) continue;
      BOOST_TEST_CONTEXT(name << " " << line.id << " is " << line.result) {
        BOOST_TEST(accepted(test.at("result"), line.result));
        if (line.result == "fail" && test.contains("explanation"))
          BOOST_TEST(line.explanation == std::string_view(test.at("explanation").as_string()));
      }
    }
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(spf_suite_suite)

BOOST_AUTO_TEST_CASE(all_cases_that_nobody_disputes_are_answered_as_others_do) {
  for (const char* name :
       {"rfc7208.json", "rfc4408.json", "pyspf.json", "blitiri.json", "mail-auth.json"})
    check_suite(name);
}

BOOST_AUTO_TEST_CASE(odd_records_of_others_are_read_without_harm) {
  const std::string text = suite_text("record-seeds.json");
  if (text.empty()) return;
  const auto seeds = json::parse(text);
  for (const auto& seed : seeds.as_array()) {
    const std::string_view record = seed.as_string();
    if (spf::is_record(record)) (void)spf::parse_record(record);
  }
}

BOOST_AUTO_TEST_CASE(a_suite_is_read_with_its_rules_for_missing_records) {
  const auto lines = run_spf_suite(R"([{"description": "x",
    "tests": {"spoken": {"host": "192.0.2.1", "helo": "h.example.org", "mailfrom": "a@example.org"},
              "mute": {"host": "192.0.2.1", "helo": "h.example.org", "mailfrom": "a@example.net"},
              "late": {"host": "192.0.2.1", "helo": "h.example.org", "mailfrom": "a@example.com"}},
    "zonedata": {"example.org": [{"SPF": ["v=spf1", " -all"]}],
                 "example.net": [{"SPF": "v=spf1 -all"}, {"TXT": "NONE"}],
                 "example.com": ["TIMEOUT"]}}])");

  BOOST_REQUIRE(lines.has_value());
  BOOST_TEST(lines->at(0).result == "fail");
  BOOST_TEST(lines->at(0).explanation == "DEFAULT");
  BOOST_TEST(lines->at(1).result == "none");
  BOOST_TEST(lines->at(2).result == "temperror");
  BOOST_TEST(!run_spf_suite("{}").has_value());
  BOOST_TEST(!run_spf_suite("[").has_value());
}

BOOST_AUTO_TEST_SUITE_END()
