#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "rules/engine/report.h"
#include "rules/engine/report_message.h"
#include "rules/engine/report_text.h"
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

BOOST_AUTO_TEST_CASE(the_report_has_a_line_a_hit_and_the_summary_a_table) {
  BOOST_TEST(spam_report(result_of(7)) ==
             "*  5.0 A_RULE One thing\n* -0.5 B_RULE Gr\xc3\xbc\xc3\x9f"
             "e\n");
  BOOST_TEST(spam_summary(result_of(7)) ==
             " 5.0 A_RULE                 One thing\n-0.5 B_RULE                 "
             "Gr\xc3\xbc\xc3\x9f"
             "e\n");
}

BOOST_AUTO_TEST_CASE(long_descriptions_go_on_below_themselves) {
  const auto result = scan_with(
      "body A /spam/\nscore A 6\ndescribe A One two three four five six seven eight nine ten "
      "eleven twelve thirteen\n",
      "Subject: x\n\nspam\n");
  BOOST_TEST(spam_report(result) ==
             "*  6.0 A BODY: One two three four five six seven eight nine ten eleven\n"
             "*      twelve thirteen\n");
}

BOOST_AUTO_TEST_CASE(the_preview_is_the_beginning_of_the_text) {
  BOOST_TEST(content_preview({"Subject", "One  two\nthree ------------ four\n"}) ==
             "One two three four ");
  BOOST_TEST(content_preview({"Subject"}).empty());
}

BOOST_AUTO_TEST_CASE(from_and_to_are_tagged_by_a_comment_and_only_where_the_rules_say_so) {
  const auto fields = [](const std::string& rules, std::string_view message) {
    std::string out;
    for (const auto& field : rewrites(split_message(message), scan_with(rules, message), nullptr))
      out += field.name + '=' + field.value + '<' + field.previous + ">\n";
    return out;
  };
  const std::string spam = "body A /spam/\nscore A 6\n";
  const std::string_view message = "From: Ann <a@example.org>\nSubject: hi\n\nspam\n";

  BOOST_TEST(fields(spam, message) == "");
  BOOST_TEST(fields(spam + "rewrite_header From spam _SCORE_\nrewrite_header To x\n", message) ==
             "From=(spam 6.0) Ann <a@example.org><Ann <a@example.org>>\n");
  BOOST_TEST(fields(spam + "rewrite_header Subject [x]\nsubjprefix A [a]\n", message) ==
             "Subject=[x] [a] hi<hi>\n");
  // subjprefix is for ham as well.
  BOOST_TEST(fields("body A /spam/\nrewrite_header Subject [x]\nsubjprefix A [a]\n", message) ==
             "Subject=[a] hi<>\n");
  BOOST_TEST(fields(spam + "rewrite_header Subject [x]\n", "From: b@example.org\n\nspam\n") ==
             "Subject=[x]<(nonexistent)>\n");
}

BOOST_AUTO_TEST_CASE(a_report_encloses_the_message_as_it_came) {
  const std::string rules =
      "body A /spam/\nscore A 6\nreport_safe 1\nclear_report_template\n"
      "report _SCORE_ of _REQD_\nunsafe_report Take care\nadd_header spam Flag _YESNOCAPS_\n"
      "rewrite_header Subject [x]\nrewrite_header To spam\nreport_safe_copy_headers X-Kept Date\n";
  const std::string message =
      "X-Kept: 1\r\nTo: b@example.org\r\nSubject: hi\r\nDate: now\r\n"
      "Content-Type: text/html\r\n\r\nspam\r\n";

  const auto made = report_message(scan_with(rules, message), message, nullptr);

  BOOST_TEST(
      made.before.starts_with("To: b@example.org\t(spam)\r\nSubject: [x] hi\r\nDate: now\r\n"
                              "X-Spam-Checker-Version: "));
  BOOST_TEST(made.before.contains("\r\nX-Spam-Flag: YES\r\nX-Kept: 1\r\nMIME-Version: 1.0\r\n"));
  BOOST_TEST(made.before.contains("\r\n\r\n6.0 of 5.0\r\n\r\nTake care\r\n"));
  BOOST_TEST(made.before.contains("Content-Type: message/rfc822; x-spam-type=original\r\n"));
  BOOST_TEST(made.before.contains("Content-Disposition: attachment\r\n"));
  BOOST_TEST(made.before.find("\r\r") == std::string::npos);
  BOOST_TEST(made.behind.starts_with("\r\n------------=_"));
  BOOST_TEST(made.behind.ends_with("--\r\n\r\n"));
}

BOOST_AUTO_TEST_CASE(plain_text_is_shown_and_report_safe_2_attaches_it_as_text) {
  const std::string message = "Subject: hi\n\nspam\n";
  const auto made = report_message(scan_with("body A /spam/\nscore A 6\nreport_safe 2\n", message),
                                   message, nullptr);
  BOOST_TEST(made.before.contains("Content-Type: text/plain; x-spam-type=original\n"));
  BOOST_TEST(
      made.before.contains("Content-Disposition: inline\nContent-Transfer-Encoding: 8bit\n\n"));
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
