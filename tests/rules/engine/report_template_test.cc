#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "rules/engine/report_template.h"

using namespace postern;

namespace {
ScanResult result_of(double score) {
  ScanResult result;
  result.score = score;
  result.hits = {{.name = "A", .score = 5.5}, {.name = "B", .score = 4, .count = 2}};
  result.subrules = {{.name = "__C"}};
  return result;
}
}  // namespace

BOOST_AUTO_TEST_SUITE(report_template)

BOOST_AUTO_TEST_CASE(tags_are_filled_in_and_what_is_none_stays) {
  BOOST_TEST(fill_template("_TESTS_ of _REQD_: __HITS_", result_of(9.5)) == "A,B of 5.0: _9.5");
  BOOST_TEST(fill_template("_UNHEARD_ _TESTS", result_of(1)) == "_UNHEARD_ _TESTS");
  BOOST_TEST(fill_template("a_b _SCORE(_", result_of(1)) == "a_b _SCORE(_");
}

BOOST_AUTO_TEST_CASE(brackets_say_how) {
  BOOST_TEST(fill_template("_TESTS( )_ _SUBTESTS_", result_of(9)) == "A B __C");
  BOOST_TEST(fill_template("_TESTSSCORES(,)_", result_of(9)) == "A=5.5,B=2");
  BOOST_TEST(fill_template("_YESNO(spam,ham)_ _YESNOCAPS_", result_of(9)) == "spam YES");
  BOOST_TEST(fill_template("_YESNO(spam,ham)_ _YESNO_", result_of(1)) == "ham No");
  BOOST_TEST(fill_template("_STARS(x)_", result_of(3.9)) == "xxx");
  BOOST_TEST(fill_template("_SCORE(00)_ _SCORE(0)_", result_of(9.5)) == "009.5 09.5");
}

BOOST_AUTO_TEST_CASE(what_decided_a_message_is_named) {
  auto result = result_of(100);
  BOOST_TEST(fill_template("_SC_ _SCRULE_ _SCTYPE_", result) == "no none no");
  result.shortcut = Shortcut{.rule = "B", .ham = true, .score = -100};
  BOOST_TEST(fill_template("_SC_ _SCRULE_ _SCTYPE_", result) == "B (ham) B ham");
}

BOOST_AUTO_TEST_CASE(a_score_below_the_required_one_never_looks_like_it) {
  BOOST_TEST(shown_score(result_of(4.96)) == "4.9");
  BOOST_TEST(shown_score(result_of(5)) == "5.0");
  BOOST_TEST(shown_score(result_of(-0.01)) == "0.0");
}

BOOST_AUTO_TEST_SUITE_END()
