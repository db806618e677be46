#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "rules/ngrams/gram.h"

using namespace postern;
using namespace std::string_view_literals;

namespace {

using Grams = std::vector<std::uint64_t>;

Grams grams(std::initializer_list<std::string_view> texts) {
  Grams out;
  for (const auto text : texts) out.push_back(gram_of(text));
  return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(gram)

BOOST_AUTO_TEST_CASE(grams_are_ordered_as_their_octets_are) {
  BOOST_TEST(gram_of("a") < gram_of("a\0"sv));
  BOOST_TEST(gram_of("a\0"sv) < gram_of("ab"));
  BOOST_TEST(gram_of("abcde") < gram_of("b"));
}

BOOST_AUTO_TEST_CASE(nothing_and_six_octets_are_no_gram) {
  BOOST_TEST(gram_of("") == 0U);
  BOOST_TEST(gram_of("abcdef") == 0U);
}

BOOST_AUTO_TEST_CASE(a_word_has_all_its_pieces_with_a_zero_at_both_ends) {
  const auto found = frequent_grams("ab", 100);

  // The zero octet stands at both ends, all others once: in their own order.
  BOOST_TEST(
      found == grams({"\0"sv, "\0a"sv, "\0ab"sv, "\0ab\0"sv, "a", "ab", "ab\0"sv, "b", "b\0"sv}),
      boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(digits_and_punctuation_end_words_and_the_apostrophe_does_not) {
  BOOST_TEST(frequent_grams("x1y", 100) == frequent_grams("x  y", 100));
  BOOST_TEST(frequent_grams("x'y", 100) != frequent_grams("x y", 100));
  BOOST_TEST(frequent_grams("12 34 -", 100).empty());
}

BOOST_AUTO_TEST_CASE(words_of_four_letters_are_in_lower_case_and_shorter_ones_as_written) {
  BOOST_TEST(frequent_grams("WORD", 100) == frequent_grams("word", 100));
  BOOST_TEST(frequent_grams("THE", 100) != frequent_grams("the", 100));
}

BOOST_AUTO_TEST_CASE(accented_capitals_are_taken_for_latin_1_where_a_word_has_an_ascii_capital) {
  BOOST_TEST(frequent_grams("\xC9tudE", 100) == frequent_grams("\xE9tude", 100));
  BOOST_TEST(frequent_grams("\xC9tude", 100) != frequent_grams("\xE9tude", 100));
}

BOOST_AUTO_TEST_CASE(only_what_occurs_more_often_than_asked_counts_and_only_so_many) {
  BOOST_TEST(frequent_grams("ab ab ac", 100, 2) == grams({"\0"sv, "\0a"sv, "a"}),
             boost::test_tools::per_element());
  BOOST_TEST(frequent_grams("ab ab ac", 2) == grams({"\0"sv, "\0a"sv}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(octets_that_differ_in_every_gram_fit_into_the_table) {
  std::string text;
  for (unsigned i = 1; text.size() < longest_sample; ++i) {
    for (const unsigned part : {i >> 12, i >> 6, i})
      text.push_back(static_cast<char>(0x80 + part % 64));
  }

  BOOST_TEST(frequent_grams(text, 100'000).size() > 20'000U);
}

BOOST_AUTO_TEST_SUITE_END()
