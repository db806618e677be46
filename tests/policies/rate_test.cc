#define BOOST_TEST_DYN_LINK
#include "policies/rate.h"

#include <boost/test/unit_test.hpp>
#include <set>
#include <thread>

using namespace postern;

namespace {

const SteadyTime start = SteadyTime() + std::chrono::hours(1);

int admitted(RateLimiter& limiter, std::string_view key, SteadyTime now, int tries) {
  int count = 0;
  for (int i = 0; i < tries; ++i) count += limiter.admit(key, now) ? 1 : 0;
  return count;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(rates)

BOOST_AUTO_TEST_CASE(a_burst_of_the_limit_is_admitted_and_no_more) {
  RateLimiter limiter(5, seconds(60));

  BOOST_TEST(admitted(limiter, "a", start, 20) == 5);
  BOOST_TEST(admitted(limiter, "b", start, 20) == 5);
}

BOOST_AUTO_TEST_CASE(the_allowance_refills_steadily) {
  RateLimiter limiter(6, seconds(60));
  admitted(limiter, "a", start, 6);

  BOOST_TEST(!limiter.admit("a", start + milliseconds(9999)));
  BOOST_TEST(limiter.wait("a", start + seconds(9)).count() == 1000);
  BOOST_TEST(limiter.admit("a", start + seconds(10)));
  BOOST_TEST(!limiter.admit("a", start + seconds(10)));
  BOOST_TEST(admitted(limiter, "a", start + seconds(600), 20) == 6);
}

BOOST_AUTO_TEST_CASE(refused_events_do_not_prolong_the_wait) {
  RateLimiter limiter(1, seconds(10));
  limiter.admit("a", start);

  BOOST_TEST(admitted(limiter, "a", start + seconds(5), 100) == 0);
  BOOST_TEST(limiter.admit("a", start + seconds(10)));
}

BOOST_AUTO_TEST_CASE(what_may_wait_gets_its_turn_one_after_the_other) {
  RateLimiter limiter(2, seconds(60));
  const auto book = [&] { return limiter.book("a", start, seconds(90)); };

  BOOST_TEST((book() == seconds(0)));
  BOOST_TEST((book() == seconds(0)));
  BOOST_TEST((book() == seconds(30)));
  BOOST_TEST((book() == seconds(60)));
  BOOST_TEST((book() == seconds(90)));
  BOOST_TEST(!book());
  BOOST_TEST((limiter.book("a", start + seconds(30), seconds(90)) == seconds(90)));
}

BOOST_AUTO_TEST_CASE(no_limit_admits_everything) {
  RateLimiter limiter(0, seconds(60));

  BOOST_TEST(admitted(limiter, "a", start, 1000) == 1000);
  BOOST_TEST(limiter.wait("a", start).count() == 0);
}

BOOST_AUTO_TEST_CASE(a_flood_of_new_keys_does_not_wash_out_a_busy_one) {
  RateLimiter limiter(10, seconds(60), 1024);
  BOOST_TEST(admitted(limiter, "busy", start, 10) == 10);

  for (int i = 0; i < 100000; ++i) limiter.admit("stranger" + std::to_string(i), start);

  BOOST_TEST(!limiter.admit("busy", start));
}

BOOST_AUTO_TEST_CASE(threads_together_get_no_more_than_the_limit) {
  RateLimiter limiter(1000, seconds(60));
  std::atomic<int> total = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] { total += admitted(limiter, "a", start, 2000); });
  }
  for (auto& thread : threads) thread.join();

  BOOST_TEST(total == 1000);
}

BOOST_AUTO_TEST_CASE(a_place_is_given_back_when_its_connection_ends) {
  ConcurrencyLimiter limiter(2);
  auto first = limiter.enter("a");
  auto second = limiter.enter("a");

  BOOST_TEST((first && second));
  BOOST_TEST(!limiter.enter("a"));
  BOOST_TEST(limiter.enter("b").has_value());
  BOOST_TEST(limiter.count("b") == 0U);

  first.reset();
  BOOST_TEST(limiter.count("a") == 1U);
  auto moved = std::move(second);
  BOOST_TEST(limiter.count("a") == 1U);
  moved.reset();
  BOOST_TEST(limiter.count("a") == 0U);
}

BOOST_AUTO_TEST_CASE(the_hash_is_siphash_and_depends_on_its_seed) {
  // The first and the 16th test vector of the paper's reference: key 00..0f, input 00, 01, ...
  const SeededHash hash(0x0706050403020100U, 0x0f0e0d0c0b0a0908U);
  std::string input;
  for (char c = 0; c < 15; ++c) input += c;

  BOOST_TEST(hash("") == 0x726fdb47dd0e0e31U);
  BOOST_TEST(hash(input) == 0xa129ca6149be45e5U);
  BOOST_TEST(SeededHash()("x") != SeededHash()("x"));
}

BOOST_AUTO_TEST_CASE(clients_of_one_prefix_count_as_one) {
  RateSettings settings;
  const auto key = [&settings](const char* text) {
    return client_key(*IpAddress::parse(text), settings);
  };

  BOOST_TEST(key("192.0.2.1") == "192.0.2.1");
  BOOST_TEST(key("192.0.2.1") == key("::ffff:192.0.2.1"));
  BOOST_TEST(key("2001:db8::1") == key("2001:db8::ffff:2"));
  BOOST_TEST(key("2001:db8::1") == "2001:db8::/84");
  settings.smtpd_client_ipv4_prefix_length = 24;
  BOOST_TEST(key("192.0.2.1") == key("192.0.2.200"));
}

BOOST_AUTO_TEST_SUITE_END()
