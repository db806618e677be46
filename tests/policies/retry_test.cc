#define BOOST_TEST_DYN_LINK
#include "policies/retry.h"

#include <boost/test/unit_test.hpp>

using namespace postern;

namespace {

milliseconds delay(unsigned attempts, double random, milliseconds age = seconds(0),
                   MessageKind kind = MessageKind::mail) {
  return next_attempt(attempts, age, kind, RetrySettings{}, random);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(retries)

BOOST_AUTO_TEST_CASE(the_wait_doubles_up_to_its_bound) {
  const std::vector<std::pair<unsigned, int>> expected = {{0, 300},  {1, 300},           {2, 600},
                                                          {3, 1200}, {4, 2400},          {5, 4000},
                                                          {6, 4000}, {4000000000U, 4000}};
  for (const auto& [attempts, wait] : expected) {
    BOOST_TEST(delay(attempts, 0.5).count() == seconds(wait) / milliseconds(1));
  }
}

BOOST_AUTO_TEST_CASE(the_jitter_is_a_fifth_to_both_sides) {
  BOOST_TEST(delay(1, 0.0).count() == 240000);
  BOOST_TEST(delay(1, 1.0).count() == 360000);
  BOOST_TEST(delay(1, 0.25).count() == 270000);
  BOOST_TEST(delay(1, -7.0).count() == 240000);
}

BOOST_AUTO_TEST_CASE(the_last_attempt_is_made_at_the_end_of_the_lifetime) {
  const milliseconds lifetime = std::chrono::days(5);

  BOOST_TEST(delay(9, 0.5, lifetime - seconds(100)).count() == 100000);
  BOOST_TEST(delay(9, 0.5, lifetime - seconds(5000)).count() == 4000000);
  BOOST_TEST(delay(9, 0.5, lifetime + seconds(1)).count() == 4000000);
}

BOOST_AUTO_TEST_CASE(mail_and_bounces_have_lifetimes_of_their_own) {
  RetrySettings settings;
  settings.maximal_queue_lifetime = seconds(1000);
  settings.bounce_queue_lifetime = seconds(10);

  BOOST_TEST(!expired(seconds(999), MessageKind::mail, settings));
  BOOST_TEST(expired(seconds(1000), MessageKind::mail, settings));
  BOOST_TEST(!expired(seconds(9), MessageKind::bounce, settings));
  BOOST_TEST(expired(seconds(10), MessageKind::bounce, settings));
}

BOOST_AUTO_TEST_CASE(a_lifetime_of_zero_gives_up_after_the_first_failure) {
  RetrySettings settings;
  settings.maximal_queue_lifetime = seconds(0);

  BOOST_TEST(expired(seconds(0), MessageKind::mail, settings));
}

BOOST_AUTO_TEST_SUITE_END()
