// probability_test.cc — from counts to a probability.
#include "rules/bayes/probability.h"

#include <boost/test/unit_test.hpp>

namespace postern {
namespace {

constexpr LearntMessages messages{.spam = 200, .ham = 400};

BOOST_AUTO_TEST_SUITE(bayes_probability)

BOOST_AUTO_TEST_CASE(a_token_of_one_spam_message_is_nearly_certain_but_not_quite) {
  const auto probability = token_probability({.spam = 1}, messages, true);

  BOOST_TEST_REQUIRE(probability.has_value());
  BOOST_TEST(*probability == (0.03 * 0.538 + 1) / 1.03, boost::test_tools::tolerance(1e-12));
}

BOOST_AUTO_TEST_CASE(counts_are_weighed_by_how_many_messages_of_each_kind_were_learnt) {
  const auto probability = token_probability({.spam = 10, .ham = 20}, messages, true);

  BOOST_TEST_REQUIRE(probability.has_value());
  BOOST_TEST(*probability == 0.5, boost::test_tools::tolerance(1e-3));
}

BOOST_AUTO_TEST_CASE(without_hapaxes_a_token_seen_once_says_nothing) {
  BOOST_TEST(!token_probability({.spam = 1}, messages, false));
  BOOST_TEST(token_probability({.spam = 1, .ham = 1}, messages, false).has_value());
}

BOOST_AUTO_TEST_CASE(nothing_is_probable_while_only_one_kind_was_learnt) {
  BOOST_TEST(!token_probability({.spam = 9}, {.spam = 9, .ham = 0}, true));
}

BOOST_AUTO_TEST_CASE(tokens_near_the_middle_are_not_enough_for_a_message) {
  const std::vector<TokenCounts> counts(50, TokenCounts{.spam = 10, .ham = 20});

  BOOST_TEST(!message_probability(counts, messages, true));
}

BOOST_AUTO_TEST_CASE(many_tokens_of_spam_make_a_message_spam) {
  const std::vector<TokenCounts> counts(1000, TokenCounts{.spam = 50, .ham = 0});

  const auto probability = message_probability(counts, messages, true);

  BOOST_TEST_REQUIRE(probability.has_value());
  BOOST_TEST(*probability > 0.9999);
  BOOST_TEST(*probability <= 1.0);
}

BOOST_AUTO_TEST_CASE(as_much_evidence_on_both_sides_is_undecided) {
  std::vector<TokenCounts> counts(60, TokenCounts{.spam = 30, .ham = 0});
  counts.insert(counts.end(), 60, TokenCounts{.spam = 0, .ham = 60});

  const auto probability = message_probability(counts, {.spam = 300, .ham = 300}, true);

  BOOST_TEST_REQUIRE(probability.has_value());
  BOOST_TEST(*probability > 0.4);
  BOOST_TEST(*probability < 0.6);
}

BOOST_AUTO_TEST_CASE(only_the_150_most_telling_tokens_count) {
  std::vector<TokenCounts> counts(150, TokenCounts{.spam = 500, .ham = 0});
  const auto without = message_probability(counts, {.spam = 500, .ham = 500}, true);
  counts.insert(counts.begin(), 200, TokenCounts{.spam = 0, .ham = 1});

  const auto with = message_probability(counts, {.spam = 500, .ham = 500}, true);

  BOOST_TEST(*with == *without);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace postern
