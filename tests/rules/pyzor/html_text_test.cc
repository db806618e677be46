#include "rules/pyzor/html_text.h"

#include <boost/test/unit_test.hpp>

using namespace postern;

namespace {
bool shows(std::u32string_view html, std::u32string_view text) {
  return pyzor_html_text(html) == text;
}
}  // namespace

BOOST_AUTO_TEST_SUITE(html_text)

BOOST_AUTO_TEST_CASE(pieces_of_text_are_joined_by_blanks) {
  BOOST_TEST(shows(U"<p> one <b>two</b>\n</p>three", U"one two three"));
}

BOOST_AUTO_TEST_CASE(scripts_and_styles_show_nothing) {
  BOOST_TEST(shows(U"a<script>if (x < y) </scripts></script>b<STYLE>p</style >c", U"a b c"));
}

BOOST_AUTO_TEST_CASE(what_is_not_finished_is_lost) {
  BOOST_TEST(shows(U"a<!-- b", U"a"));
  BOOST_TEST(shows(U"a<b c", U"a"));
  BOOST_TEST(shows(U"a &am", U""));
}

BOOST_AUTO_TEST_CASE(a_quote_that_is_never_closed_begins_no_value) {
  BOOST_TEST(shows(U"x <a \"<b>y", U"x y"));
  BOOST_TEST(shows(U"x <a b=\"c>d", U"x"));
}

BOOST_AUTO_TEST_CASE(a_bracket_that_begins_no_tag_is_text) {
  BOOST_TEST(shows(U"a < b", U"a < b"));
}

BOOST_AUTO_TEST_CASE(references_need_no_semicolon_where_html_says_so) {
  BOOST_TEST(
      shows(U"a&ampb&notit;&#x41&#150;&bogus; &ngE; ", U"a&b\u00acit;A\u2013&bogus; \u2267\u0338"));
}

BOOST_AUTO_TEST_CASE(sections_of_office_are_skipped_and_others_end_it) {
  BOOST_TEST(shows(U"a<![if !mso]>b<![endif]>c", U"a b c"));
  BOOST_TEST(!pyzor_html_text(U"a<![unknown[b]]>"));
}

BOOST_AUTO_TEST_SUITE_END()
