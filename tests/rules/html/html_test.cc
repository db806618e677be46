#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "rules/html/html.h"
#include "tests/rules/rules_support.h"

using namespace postern;

namespace {
std::string text_of(std::string_view html) { return html_to_text(html).text; }
std::string links_of(std::string_view html) {
  std::string out;
  for (const auto& link : html_to_text(html).links) out += "[" + link + "]";
  return out;
}
}  // namespace

BOOST_AUTO_TEST_SUITE(html)

BOOST_AUTO_TEST_CASE(tags_go_and_words_stay_whole) {
  BOOST_TEST(text_of("V<b>ia</b>g<!-- x -->ra now") == "Viagra now");
  BOOST_TEST(text_of("a\n\n  b") == "a b");
  BOOST_TEST(text_of("1 < 2 <3 a<b").starts_with("1 < 2 <3 a"));
}

BOOST_AUTO_TEST_CASE(block_elements_part_the_text) {
  BOOST_TEST(text_of("a <br> b") == "a\nb");
  BOOST_TEST(text_of("<p>a</p><p>b</p>") == "\n\na\n\n\n\nb\n\n");
  BOOST_TEST(text_of("<td>a</td><td>b</td>").find("a") != std::string::npos);
  BOOST_TEST(text_of("<td>a</td><td>b</td>").find("ab") == std::string::npos);
  BOOST_TEST(text_of("<pre>a\nb</pre>") == "\n\na\nb\n\n");
}

BOOST_AUTO_TEST_CASE(references_are_decoded) {
  BOOST_TEST(text_of("a &amp; b &#65;&#x42; &eacute; &lt;i&gt; &nosuch; &#0; &copy") ==
             "a & b AB \xc3\xa9 <i> &nosuch; &#0; \xc2\xa9");
}

BOOST_AUTO_TEST_CASE(script_and_style_vanish_and_title_stays) {
  BOOST_TEST(text_of("<title>T</title><style>x{}</style>a<script>if (1 < 2) b()</script>c") ==
             "\n\nT\n\nac");
  BOOST_TEST(text_of("a<script>never closed") == "a");
  BOOST_TEST(text_of("a<SCRIPT>x</sCript >b") == "ab");
}

BOOST_AUTO_TEST_CASE(links_are_collected_from_the_elements_that_have_them) {
  BOOST_TEST(
      links_of(
          "<A HREF=\"http://a/?x=1&amp;y=2\">t</a><img src='http://i/'><form action=http://f/>") ==
      "[http://a/?x=1&y=2][http://i/][http://f/]");
  BOOST_TEST(
      links_of("<td background=http://b/><meta http-equiv=Refresh content=\"0; URL=http://m/\">") ==
      "[http://b/][http://m/]");
  BOOST_TEST(links_of("<p href=http://no/>") == "");
  BOOST_TEST(html_to_text("<base href=http://x/y/>").base == "http://x/y/");
}

BOOST_AUTO_TEST_CASE(a_greater_than_sign_inside_quotes_does_not_end_a_tag) {
  BOOST_TEST(text_of("<a title=\"x > y\" href='z'>t</a>") == "t");
  BOOST_TEST(links_of("<a title=\"x > y\" href='z'>t</a>") == "[z]");
}

BOOST_AUTO_TEST_CASE(hostile_markup_costs_no_square) {
  for (const std::string_view piece :
       {"<a b=\"", "<!--", "<!-", "</", "<a ", "&#", "&", "<script", "<pre>", "<a b='>"}) {
    std::string html;
    while (html.size() < 2'000'000) html += piece;
    BOOST_TEST(is_quick([&html] { return html_to_text(html); }), piece);
  }
}

BOOST_AUTO_TEST_SUITE_END()
