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
             "Yes, score=7.3 required=5.0 tests=A_RULE,B_RULE autolearn=disabled version=Postern");
  BOOST_TEST(spam_status(ScanResult{}) ==
             "No, score=0.0 required=5.0 tests=none autolearn=disabled version=Postern");
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

BOOST_AUTO_TEST_CASE(fields_are_those_that_the_rule_files_ask_for) {
  const auto marks = [](std::string_view message) {
    const auto result = scan_with(R"(
body A /spam/
score A 6
clear_headers
add_header spam Flag _YESNOCAPS_
add_header all Status "_YESNO_, score=_SCORE_ on _HOSTNAME_"
add_header ham Note nothing here
report_hostname mx.example
)",
                                  message);
    std::vector<std::string> out;
    for (const auto& mark : spam_marks(result)) out.push_back(mark.name + ": " + mark.value);
    return out;
  };
  using Fields = std::vector<std::string>;

  const auto spam = marks("Subject: s\n\nspam\n");
  const auto ham = marks("Subject: s\n\nham\n");

  BOOST_TEST((spam == Fields{"X-Spam-Checker-Version: SpamAssassin Postern (SpamAssassin 4.0.1 "
                             "rules) on mx.example",
                             "X-Spam-Flag: YES", "X-Spam-Status: Yes, score=6.0 on mx.example"}));
  BOOST_TEST(
      (ham == Fields{"X-Spam-Checker-Version: SpamAssassin Postern (SpamAssassin 4.0.1 rules) on "
                     "mx.example",
                     "X-Spam-Status: No, score=0.0 on mx.example", "X-Spam-Note: nothing here"}));
}

BOOST_AUTO_TEST_CASE(without_add_header_lines_there_are_flag_level_and_status) {
  const auto marks = spam_marks(result_of(7));

  BOOST_REQUIRE(marks.size() == 3U);
  BOOST_TEST(marks[0].name == "X-Spam-Flag");
  BOOST_TEST(marks[1].name == "X-Spam-Level");
  BOOST_TEST(marks[2].name == "X-Spam-Status");
}

BOOST_AUTO_TEST_CASE(scan_lines_have_three_decimals_and_no_negative_zero) {
  auto result = result_of(-0.0001);
  BOOST_TEST(scan_line("m.eml", result) == "m.eml\t0.000\tA_RULE,B_RULE");
  BOOST_TEST(scan_line("m.eml", ScanResult{}) == "m.eml\t0.000\t");
}

BOOST_AUTO_TEST_SUITE_END()
