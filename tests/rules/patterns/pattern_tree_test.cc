#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "rules/patterns/pattern_text.h"
#include "rules/patterns/pattern_tree.h"
#include "rules/patterns/regex.h"
#include "rules/patterns/shortest_form.h"

using namespace postern;

namespace {

PerlPattern translated(std::string_view written) {
  auto pattern = translate_pattern(written);
  BOOST_REQUIRE_MESSAGE(pattern.has_value(), written);
  return std::move(*pattern);
}
PatternTree tree_of(std::string_view written) {
  auto tree = parse_pattern(translated(written));
  BOOST_REQUIRE_MESSAGE(tree.has_value(), written);
  return std::move(*tree);
}
bool understood(std::string_view written) { return parse_pattern(translated(written)).has_value(); }
LengthRange length(std::string_view written) {
  const auto tree = tree_of(written);
  return lengths_of(tree)[tree.root];
}
std::string rewritten(std::string_view written) {
  return pattern_text(tree_of(written), Repeated::written_out).text;
}
std::string shortest(std::string_view written) {
  return pattern_text(shortest_form(tree_of(written)), Repeated::written_out).text;
}

}  // namespace

namespace postern {
std::ostream& operator<<(std::ostream& out, const LengthRange& range) {
  return out << range.least << ".." << range.most;
}
}  // namespace postern

BOOST_AUTO_TEST_SUITE(pattern_tree)

BOOST_AUTO_TEST_CASE(lengths_are_those_of_the_shortest_and_the_longest_match) {
  BOOST_TEST(length("/abc/") == (LengthRange{3, 3}));
  BOOST_TEST(length("/a?b{2,4}c*/") == (LengthRange{2, unbounded}));
  BOOST_TEST(length("/\\bfoo(?:x|yz)(?!a)$/") == (LengthRange{4, 5}));
  BOOST_TEST(length("/(.)\\1/") == (LengthRange{1, unbounded}));
  BOOST_TEST(length("/[\\]a-c[:digit:]]\\x41\\x{42}\\t/") == (LengthRange{4, 4}));
  BOOST_TEST(length("/a{,3}/") == (LengthRange{0, 3}));
  BOOST_TEST(length("/a\\{x}/") == (LengthRange{4, 4}));
  BOOST_TEST(length("/a b # c\n d/x") == (LengthRange{3, 3}));
  BOOST_TEST(length("/a(?#not this)+/") == (LengthRange{1, unbounded}));
}

BOOST_AUTO_TEST_CASE(what_it_has_no_words_for_is_not_guessed) {
  for (const std::string_view pattern :
       {"/(a)(?1)/", "/a\\Kb/", "/\\R/", "/(?(?=a)b|c)/", "/(*FAIL)/", "/(?|a|b)/", "/\\12/"}) {
    BOOST_TEST(!understood(pattern), pattern);
  }
}

BOOST_AUTO_TEST_CASE(flags_reach_to_the_end_of_their_group) {
  BOOST_TEST(rewritten("/a(?i:b)c/") == "a[Bb]c");
  BOOST_TEST(rewritten("/(?:a(?i)b|c)d/") == "(?:a[Bb]|[Cc])d");
  BOOST_TEST(rewritten("/(?^i:a)b./s") == "[Aa]b[\\x00-\\xff]");
  BOOST_TEST(rewritten("/^a$/m") == "(?m:^)a(?m:$)");
}

BOOST_AUTO_TEST_CASE(a_pattern_without_case_is_written_without_case) {
  const auto out = pattern_text(tree_of("/foo[a-c]\xe9/i"), Repeated::written_out);

  BOOST_TEST(out.ignore_case);
  BOOST_TEST(out.text == "foo[A-Ca-c]\\xe9");
}

BOOST_AUTO_TEST_CASE(classes_mean_what_they_do_in_perl) {
  BOOST_TEST(rewritten("/[^a]/i") == "[\\x00-\\x40B-\\x60b-\\xff]");
  BOOST_TEST(rewritten("/[]a]/") == "[\\x5da]");
  BOOST_TEST(rewritten("/[a\\-z]/") == "[\\x2daz]");
  BOOST_TEST(rewritten("/[\\b]/") == "\\x08");
  BOOST_TEST(rewritten("/[\\w-]/") == "[\\x2d0-9A-Z\\x5fa-z]");
  BOOST_TEST(rewritten("/[\\t-\\r ]/") == "\\s");
}

BOOST_AUTO_TEST_CASE(optional_text_at_the_ends_decides_nothing) {
  BOOST_TEST(shortest("/a?b{1,5}c+/") == "bc");
  BOOST_TEST(shortest("/.*foo.*/") == "foo");
  BOOST_TEST(shortest("/(?:dear )?friend(?:s|ly)?/") == "friend");
  BOOST_TEST(shortest("/(?:x?ab|c*)d/") == "d");
}

BOOST_AUTO_TEST_CASE(what_looks_at_its_surroundings_stays) {
  BOOST_TEST(shortest("/\\ba?b\\b/") == "\\ba?b\\b");
  BOOST_TEST(shortest("/(?:^|\\s)foo\\s*$/") == "(?:\\A|\\s)foo\\s*\\Z");
  BOOST_TEST(shortest("/(?!foo)f?oo/") == "(?!foo)f?oo");
}

BOOST_AUTO_TEST_CASE(possessive_and_captured_text_is_left_as_it_is) {
  BOOST_TEST(shortest("/a*+b/") == "a*+b");
  BOOST_TEST(shortest("/(?>a|ab)c?/") == "(?>a|ab)c?");
}

BOOST_AUTO_TEST_SUITE_END()
