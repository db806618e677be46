#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "tests/rules/evals/evals_support.h"

using namespace postern;

namespace {

double ask(std::string_view function, const EvalArguments& arguments, std::string_view html) {
  return evaluate(function, arguments,
                  "Subject: four\nContent-Type: text/html\n\n" + std::string(html));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(html_eval)

BOOST_AUTO_TEST_CASE(a_range_leaves_its_minimum_out) {
  BOOST_TEST(ask("html_range", {"length", "4", "5"}, "<b>a\n") == 1);
  BOOST_TEST(ask("html_range", {"length", "5", "9"}, "<b>a\n") == 0);
  BOOST_TEST(ask("html_range", {"max_size", "6", "inf"}, "<font size=7>a") == 1);
}

BOOST_AUTO_TEST_CASE(tests_and_comparisons_ask_for_what_was_noted) {
  BOOST_TEST(ask("html_test", {"embeds"}, "<embed>") == 1);
  BOOST_TEST(ask("html_test", {"embeds"}, "<b>") == 0);
  BOOST_TEST(ask("html_eval", {"length", "< 6"}, "<b>a\n") == 1);
  BOOST_TEST(!find_eval("html_eval")->bind({"length", "six"}, {}).has_value());
}

BOOST_AUTO_TEST_CASE(tags_are_balanced_or_not) {
  BOOST_TEST(ask("html_tag_balance", {"body", "!= 0"}, "<body>a") == 1);
  BOOST_TEST(ask("html_tag_balance", {"body", "!= 0"}, "<body>a</body>") == 0);
  BOOST_TEST(ask("html_tag_balance", {"body", "!= 0"}, "a") == 0);
  BOOST_TEST(ask("html_tag_exists", {"iframe"}, "<iframe>") == 1);
}

BOOST_AUTO_TEST_CASE(texts_are_searched_by_kind) {
  BOOST_TEST(ask("html_text_match", {"comment", "<!-- s.{3}d"}, "<!-- saved -->") == 1);
  BOOST_TEST(ask("html_text_match", {"title", "saved"}, "<!-- saved -->") == 0);
  BOOST_TEST(ask("html_text_not_match", {"comment", "x"}, "<!-- saved -->") == 1);
}

BOOST_AUTO_TEST_CASE(images_are_weighed_against_text) {
  BOOST_TEST(ask("html_image_only", {"0", "400"}, "<img>") == 1);
  BOOST_TEST(ask("html_image_only", {"0", "400"}, "<b>") == 0);
  BOOST_TEST(ask("html_image_ratio", {"0.0", "0.1"}, "<img width=10 height=10>ab") == 1);
}

BOOST_AUTO_TEST_CASE(a_long_title_is_measured_by_the_subject) {
  BOOST_TEST(
      ask("html_title_subject_ratio", {"3.5"}, "<title>a title of more than twenty</title>") == 1);
  BOOST_TEST(ask("html_title_subject_ratio", {"3.5"}, "<title>short</title>") == 0);
}

BOOST_AUTO_TEST_CASE(a_frame_with_a_source_is_told_from_one_without) {
  BOOST_TEST(ask("check_iframe_src", {}, "<iframe src=http://a.example/>") == 1);
  BOOST_TEST(ask("check_iframe_src", {}, "<iframe>") == 0);
}

BOOST_AUTO_TEST_SUITE_END()
