// line_tokens_test.cc — how a line is cut into words. What is expected here was taken from
// SpamAssassin 4.0.1.
#include "rules/bayes/line_tokens.h"

#include <boost/test/unit_test.hpp>
#include <set>

namespace postern {
namespace {

std::set<std::string> tokens(std::string_view line, Region region = Region::body,
                             std::string_view prefix = "", const BayesSettings& settings = {}) {
  Matcher matcher;
  TokenBag bag(TokenBag::Texts::keep);
  LineTokens(settings, matcher, bag).add(line, prefix, region);
  std::set<std::string> out;
  for (auto& named : bag.take_named()) out.insert(named.text);
  return out;
}

using Set = std::set<std::string>;

BOOST_AUTO_TEST_SUITE(bayes_line_tokens)

BOOST_AUTO_TEST_CASE(a_token_is_the_end_of_a_sha1) {
  BOOST_TEST(token_of("hello") == 0xd9aea9434d);  // echo -n hello | sha1sum
}

BOOST_AUTO_TEST_CASE(words_of_two_octets_and_punctuation_at_the_ends_go) {
  BOOST_TEST(tokens("to \"buy\", -now-") == (Set{"buy", "now"}));
}

BOOST_AUTO_TEST_CASE(a_capital_at_the_start_of_a_sentence_becomes_small) {
  BOOST_TEST(tokens("Send money") == (Set{"send", "money"}));
  BOOST_TEST(tokens("pay today. Send money") == (Set{"pay", "today", "send", "money"}));
}

BOOST_AUTO_TEST_CASE(of_two_sentences_behind_each_other_the_second_keeps_its_capital) {
  BOOST_TEST(tokens("Pay today. Send money") == (Set{"pay", "today", "send", "Send", "money"}));
}

BOOST_AUTO_TEST_CASE(in_header_fields_capitals_stay_and_have_no_variants) {
  BOOST_TEST(tokens("Send Money!", Region::header, "H*x:") == (Set{"H*x:Send", "H*x:Money!"}));
}

BOOST_AUTO_TEST_CASE(words_of_a_body_come_also_in_lower_case_and_without_punctuation) {
  BOOST_TEST(tokens("buy FREE! now") == (Set{"buy", "FREE!", "FREE", "free!", "free", "now"}));
}

BOOST_AUTO_TEST_CASE(long_words_are_cut_to_seven_characters) {
  BOOST_TEST(tokens("abcdefghijklmnop") == (Set{"sk:abcdefg"}));
  BOOST_TEST(tokens("abcdefghijklmno") == (Set{"abcdefghijklmno"}));
}

BOOST_AUTO_TEST_CASE(a_long_word_is_cut_between_characters_not_within_one) {
  BOOST_TEST(tokens("\xc3\xa4"
                    "bcdefghijklmnop",
                    Region::header) == (Set{"sk:\xc3\xa4"
                                            "bcdefg"}));
}

BOOST_AUTO_TEST_CASE(long_text_without_blanks_gives_its_characters_of_three_octets) {
  BOOST_TEST(tokens("\xe4\xb8\xad\xe6\x96\x87\xe5\xad\x97\xe7\xac\xa6\xe5\xa4\x9a\xe4\xb8\xaa") ==
             (Set{"u8:\xe4\xb8\xad", "u8:\xe6\x96\x87", "u8:\xe5\xad\x97", "u8:\xe7\xac\xa6",
                  "u8:\xe5\xa4\x9a", "u8:\xe4\xb8\xaa"}));
}

BOOST_AUTO_TEST_CASE(uris_are_not_cut_but_taken_apart_by_domain) {
  BOOST_TEST(tokens("http://www.shop.example.org/", Region::uri) ==
             (Set{"http", "www.shop.example.org", "wwwshopexampleorg", "UD:www.shop.example.org",
                  "UD:shop.example.org", "UD:example.org", "UD:org"}));
}

BOOST_AUTO_TEST_CASE(addresses_give_user_and_domains_without_the_prefix) {
  BOOST_TEST(tokens("joe@mail.test", Region::body, "I*:") ==
             (Set{"U*joe", "D*mail.test", "D*test", "I*:joe@mail.test", "I*:joemailtest"}));
}

BOOST_AUTO_TEST_CASE(runs_of_dots_and_dashes_part_words) {
  BOOST_TEST(tokens("one...two--three") == (Set{"one", "two", "three"}));
}

BOOST_AUTO_TEST_CASE(one_dash_or_seven_dots_part_nothing) {
  BOOST_TEST(tokens("well-known", Region::header) == (Set{"well-known"}));
  BOOST_TEST(tokens("one.......two", Region::header) == (Set{"one.......two"}));
}

BOOST_AUTO_TEST_CASE(octets_that_are_no_utf8_stay_from_a1_on) {
  BOOST_TEST(tokens("caf\xe9\x80non") == (Set{"caf\xe9", "caf", "non"}));
}

BOOST_AUTO_TEST_CASE(stop_words_of_the_chosen_language_are_no_tokens) {
  BayesSettings settings;
  settings.stop_words["en"] =
      std::make_shared<const Regex>(std::move(*Regex::compile("/^(?i)(?:from|with)$/")));

  BOOST_TEST(tokens("from FROM withal", Region::header, "", settings) == (Set{"withal"}));

  settings.languages.clear();
  BOOST_TEST(tokens("from", Region::header, "", settings) == (Set{"from"}));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace postern
