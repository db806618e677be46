#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "rules/patterns/pattern_opening.h"

using namespace postern;

namespace {

PatternOpening opening_of(std::string_view written) {
  const auto regex = Regex::compile(written);
  BOOST_REQUIRE_MESSAGE(regex.has_value(), written);
  const auto tree = parse_pattern(regex->pattern());
  BOOST_REQUIRE_MESSAGE(tree.has_value(), written);
  return PatternOpening(*tree);
}

bool may_begin(std::string_view written, std::string_view text, std::size_t at) {
  return opening_of(written).may_begin(text, at);
}

std::pair<std::size_t, std::size_t> found(std::string_view written, std::string_view text,
                                          std::size_t at = 0) {
  const auto span = opening_of(written).find(text, at);
  return span ? std::pair{span->from, span->to} : std::pair{text.size() + 1, std::size_t{0}};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(pattern_opening)

BOOST_AUTO_TEST_CASE(a_match_begins_only_where_its_first_octets_stand) {
  BOOST_TEST(may_begin("/foo.*bar/", "fooxxx", 0));
  BOOST_TEST(!may_begin("/foo.*bar/", "fob", 0));
  BOOST_TEST(!may_begin("/foo.*bar/", "fooba", 0));
  BOOST_TEST(may_begin("/[ab]{3}\\s{2}x/i", "_ABa  X", 1));
  BOOST_TEST(!may_begin("/[ab]{3}\\s{2}x/i", "_ABa  y", 1));
}

BOOST_AUTO_TEST_CASE(what_is_optional_or_looks_around_forbids_nothing) {
  BOOST_TEST(may_begin("/x?y/", "y", 0));
  BOOST_TEST(may_begin("/(?=b)a?b/", "b", 0));
  BOOST_TEST(may_begin("/a*/", "", 0));
  BOOST_TEST(may_begin("/(a)\\1/", "aa", 0));
}

BOOST_AUTO_TEST_CASE(a_word_boundary_in_front_is_looked_at) {
  BOOST_TEST(may_begin("/\\bfoo+/", "foo", 0));
  BOOST_TEST(may_begin("/\\bfoo+/", " foo", 1));
  BOOST_TEST(!may_begin("/\\bfoo+/", "xfoo", 1));
  BOOST_TEST(may_begin("/\\b=+/", "x=", 1));
  BOOST_TEST(!may_begin("/\\b=+/", "==", 1));
}

BOOST_AUTO_TEST_CASE(a_few_strings_of_sets_need_no_compiled_code) {
  BOOST_TEST(opening_of("/e/").is_all());
  BOOST_TEST(opening_of("/(?:e|\\xc3[\\xa8-\\xab])/").is_all());
  BOOST_TEST(opening_of("/[a-z]{4}\\d/i").is_all());
  BOOST_TEST(!opening_of("/\\be/").is_all());
  BOOST_TEST(!opening_of("/e+/").is_all());
  BOOST_TEST(!opening_of("/e(?!x)/").is_all());
  BOOST_TEST(!opening_of("/[a-z]{13}/").is_all());
  BOOST_TEST(!opening_of("/(?:e|)/").is_all());
}

BOOST_AUTO_TEST_CASE(of_a_choice_the_first_string_that_fits_is_the_match) {
  BOOST_TEST((found("/(?:a|ab)/", "xab") == std::pair<std::size_t, std::size_t>{1, 2}));
  BOOST_TEST((found("/(?:ab|a)/", "xab") == std::pair<std::size_t, std::size_t>{1, 3}));
  BOOST_TEST((found("/(?:ab|a)/", "xab", 2) == std::pair<std::size_t, std::size_t>{4, 0}));
  BOOST_TEST(
      (found("/\\xc3[\\xa8-\\xab]/", "\xc3\xc3\xa9") == std::pair<std::size_t, std::size_t>{1, 3}));
}

BOOST_AUTO_TEST_SUITE_END()
