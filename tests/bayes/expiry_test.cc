// expiry_test.cc — which tokens are too old.
#include "gateway/bayes/expiry.h"

#include <boost/test/unit_test.hpp>

#include "tests/bayes/database_folder.h"

namespace postern {
namespace {

constexpr std::uint32_t day = 86400;
constexpr std::uint32_t now = 1000 * day;

/// `count` tokens that were used `age` seconds before now.
void put(TokenDatabase::Change& change, Token first, Token count, std::uint32_t age) {
  for (Token token = first; token < first + count; ++token)
    BOOST_TEST_REQUIRE(change.put(token, {.spam = 1, .last_used = now - age}).has_value());
}

BOOST_AUTO_TEST_SUITE(bayes_expiry)

BOOST_AUTO_TEST_CASE(the_oldest_go_by_the_smallest_age_that_removes_no_more_than_must) {
  const DatabaseFolder folder;
  auto database = folder.open();
  auto change = database.begin().value();
  put(change, 0, 110000, 0);
  put(change, 200000, 5000, 3 * day);
  put(change, 300000, 2000, 30 * day);

  const auto expiry = expire_tokens(change, 110000, now).value();

  // Of 117,000 at least 100,000 are to stay, so that all older than 12 hours may go.
  BOOST_TEST(expiry.removed == 7000);
  BOOST_TEST(expiry.kept == 110000);
  const auto state = change.state().value();
  BOOST_TEST(state.last_expiry == now);
  BOOST_TEST(state.last_age == day / 2);
  BOOST_TEST(state.last_reduction == 7000);
}

BOOST_AUTO_TEST_CASE(where_a_short_age_would_remove_too_many_a_longer_one_is_taken) {
  const DatabaseFolder folder;
  auto database = folder.open();
  auto change = database.begin().value();
  put(change, 0, 100, 0);
  put(change, 1000, 105000, 3 * day);
  put(change, 200000, 2000, 30 * day);

  const auto expiry = expire_tokens(change, 0, now).value();

  BOOST_TEST(expiry.removed == 2000);
  BOOST_TEST(change.state().value().last_age == 4 * day);
}

BOOST_AUTO_TEST_CASE(a_small_database_keeps_all) {
  const DatabaseFolder folder;
  auto database = folder.open();
  auto change = database.begin().value();
  put(change, 0, 5000, 300 * day);
  put(change, 6000, 1, 0);

  const auto expiry = expire_tokens(change, 100, now).value();

  BOOST_TEST(expiry.removed == 0);
  BOOST_TEST(change.tokens().value() == 5001);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace postern
