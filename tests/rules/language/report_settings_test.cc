#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "tests/rules/rules_support.h"

using namespace postern;

namespace {
ReportSettings settings(std::string_view text) { return load(text).rules->settings().report; }
}  // namespace

BOOST_AUTO_TEST_SUITE(report_settings)

BOOST_AUTO_TEST_CASE(subject_from_and_to_may_be_rewritten_and_nothing_else) {
  const auto loaded = load(
      "rewrite_header Subject *SPAM* _SCORE_\nrewrite_header from (x)\nrewrite_header Date x\n");
  BOOST_TEST(loaded.rules->subject_tag() == "*SPAM* _SCORE_");
  BOOST_TEST(loaded.rules->settings().report.rewrites.at("From") == "[x]");
  BOOST_TEST(loaded.problems.size() == 1U);
  BOOST_TEST(settings("rewrite_header Subject x\nrewrite_header Subject\n").subject_tag().empty());
}

BOOST_AUTO_TEST_CASE(headers_are_added_for_ham_spam_or_both_and_the_last_line_of_a_name_wins) {
  const auto report = settings(
      "clear_headers\nadd_header all Level _STARS(*)_\nadd_header spam Flag _YESNOCAPS_\n"
      "add_header ham level \"x\\ty\\\\z\"\n");
  BOOST_REQUIRE(report.ham.size() == 2U);  // the first is Checker-Version, which always stays
  BOOST_TEST(report.ham[1].name == "level");
  BOOST_TEST(report.ham[1].text == "x\ty\\z");
  BOOST_REQUIRE(report.spam.size() == 3U);
  BOOST_TEST(report.spam[1].text == "_STARS(*)_");
}

BOOST_AUTO_TEST_CASE(headers_can_be_removed_but_for_the_checker_version) {
  const auto report = settings(
      "clear_headers\nadd_header all A x\nremove_header spam a\nremove_header all "
      "Checker-Version\n");
  BOOST_TEST(report.ham.size() == 2U);
  BOOST_TEST(report.spam.size() == 1U);
}

BOOST_AUTO_TEST_CASE(without_an_attached_report_spam_carries_it_in_its_header) {
  const auto report = settings("clear_headers\nreport_safe 0\n");
  BOOST_TEST(report.safe == 0U);
  BOOST_REQUIRE(report.spam.size() == 2U);
  BOOST_TEST(report.spam[1].text == "_REPORT_");
  BOOST_TEST(load("report_safe 3\n").problems.size() == 1U);
}

BOOST_AUTO_TEST_CASE(report_templates_grow_by_lines) {
  const auto report =
      settings("report one\nclear_report_template\nreport two\nreport \" three\"\n");
  BOOST_TEST(report.report == "two\n three\n");
}

BOOST_AUTO_TEST_SUITE_END()
