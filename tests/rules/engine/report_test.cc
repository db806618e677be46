#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "rules/engine/report.h"
#include "tests/rules/rules_support.h"

using namespace postern;

namespace {
ScanResult result_of(double score) {
  ScanResult result;
  result.score = score;
  result.hits = {{.name = "A_RULE", .score = 5.04, .description = "One thing"},
                 {.name = "B_RULE",
                  .score = -0.5,
                  .description = "Gr\xc3\xbc\xc3\x9f"
                                 "e"}};
  return result;
}
}  // namespace

BOOST_AUTO_TEST_SUITE(report)

BOOST_AUTO_TEST_CASE(the_status_field_has_the_shape_that_filters_look_for) {
  BOOST_TEST(spam_status(result_of(7.31)) ==
             "Yes, score=7.3 required=5.0 tests=A_RULE,B_RULE autolearn=no version=Postern");
  BOOST_TEST(spam_status(ScanResult{}) ==
             "No, score=0.0 required=5.0 tests=none autolearn=no version=Postern");
  BOOST_TEST(spam_flag(result_of(5.0)) == "YES");
  BOOST_TEST(spam_flag(result_of(4.99)) == "NO");
}

BOOST_AUTO_TEST_CASE(the_level_is_bounded_at_both_ends) {
  BOOST_TEST(spam_level(result_of(3.9)) == "***");
  BOOST_TEST(spam_level(result_of(-3)) == "");
  BOOST_TEST(spam_level(result_of(1000)).size() == 50U);
}

BOOST_AUTO_TEST_CASE(the_report_is_ascii_with_one_line_a_hit) {
  BOOST_TEST(spam_report(result_of(7)) == "*   5.0 A_RULE One thing\n*  -0.5 B_RULE Gr????e");
}

BOOST_AUTO_TEST_CASE(a_subject_gets_its_tag_with_the_score) {
  BOOST_TEST(tagged_subject("[SPAM _SCORE_/_REQD_]", "Hello", result_of(7.31)) ==
             "[SPAM 7.3/5.0] Hello");
  BOOST_TEST(tagged_subject("", "Hello", result_of(7)) == "Hello");
  BOOST_TEST(tagged_subject("[SPAM]", "", result_of(7)) == "[SPAM]");
}

BOOST_AUTO_TEST_CASE(scan_lines_have_three_decimals_and_no_negative_zero) {
  auto result = result_of(-0.0001);
  BOOST_TEST(scan_line("m.eml", result) == "m.eml\t0.000\tA_RULE,B_RULE");
  BOOST_TEST(scan_line("m.eml", ScanResult{}) == "m.eml\t0.000\t");
}

BOOST_AUTO_TEST_SUITE_END()
