#define BOOST_TEST_DYN_LINK
#include "rules/html/entities.h"

#include <boost/test/unit_test.hpp>

using namespace postern;

namespace {
std::string in_text(std::string_view text) {
  std::string out;
  append_decoded(text, ReferencesIn::text, out);
  return out;
}
std::string in_attribute(std::string_view text) {
  std::string out;
  append_decoded(text, ReferencesIn::attribute, out);
  return out;
}
}  // namespace

BOOST_AUTO_TEST_SUITE(html_entities)

BOOST_AUTO_TEST_CASE(names_and_numbers_become_characters) {
  BOOST_TEST(in_text("a &amp; b &#65;&#x42;&#X43; &eacute; &Omega; &thetasym;") ==
             "a & b ABC \xC3\xA9 \xCE\xA9 \xCF\x91");
}

BOOST_AUTO_TEST_CASE(the_semicolon_may_be_missing_behind_old_names_and_numbers) {
  BOOST_TEST(in_text("&copy &Omega &#65 &euro") == "\xC2\xA9 &Omega A &euro");
}

BOOST_AUTO_TEST_CASE(a_name_that_begins_a_word_counts_in_text_and_not_in_attributes) {
  BOOST_TEST(in_text("&ampx &notit; &eacutes") == "&x \xC2\xACit; \xC3\xA9s");
  BOOST_TEST(in_attribute("?a=1&copy=2&ampx&amp;") == "?a=1\xC2\xA9=2&ampx&");
}

BOOST_AUTO_TEST_CASE(numbers_of_no_character_stay_or_are_replaced) {
  BOOST_TEST(in_text("&#0; &#; &#x; &#x110000; &#99999999999; &#xFFFE; &#xFFFF;") ==
             "&#0; &#; &#x; &#x110000; &#99999999999; &#xFFFE; &#xFFFF;");
  BOOST_TEST(in_text("&#xFDD0; &#x1FFFF;") == "\xEF\xBF\xBD \xEF\xBF\xBD");
}

BOOST_AUTO_TEST_CASE(surrogates_are_joined_where_they_touch) {
  BOOST_TEST(in_text("&#xD83D;&#xDE00;") == "\xF0\x9F\x98\x80");
  BOOST_TEST(in_text("&#xD83D; &#xDE00;") == "\xEF\xBF\xBD \xEF\xBF\xBD");
}

BOOST_AUTO_TEST_CASE(only_characters_above_ff_are_told_of) {
  std::string out;
  BOOST_TEST(!append_decoded("&eacute;&#255;&amp;", ReferencesIn::text, out));
  BOOST_TEST(append_decoded("&eacute;&euro;", ReferencesIn::text, out));
}

BOOST_AUTO_TEST_SUITE_END()
