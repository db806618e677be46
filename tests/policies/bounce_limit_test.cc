#include "policies/bounce_limit.h"
#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

using namespace postern;
using Patience = BounceLimit::Patience;

namespace {

const SteadyTime start = SteadyTime() + std::chrono::hours(1);

BounceCause cause(const std::string& to, const std::string& client = "192.0.2.1") {
  return {to, client, "dead.example"};
}

BounceLimitSettings limits(std::int64_t all, std::int64_t domain, milliseconds patience) {
  return {all, domain, seconds(60), patience};
}

/// How many of `tries` reports to different domains are written, and the longest wait.
std::pair<int, milliseconds> written(BounceLimit& limit, int tries, SteadyTime now) {
  std::pair<int, milliseconds> out{};
  for (int i = 0; i < tries; ++i) {
    const auto wait =
        limit.admit(cause("d" + std::to_string(i) + ".example"), Patience::may_wait, now);
    if (!wait) continue;
    ++out.first;
    out.second = std::max(out.second, *wait);
  }
  return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(bounce_limits)

BOOST_AUTO_TEST_CASE(f85_of_a_flood_only_what_leaves_within_the_delay_limit_is_written) {
  BounceLimit limit(limits(100, 0, std::chrono::minutes(10)));

  const auto [count, longest] = written(limit, 100000, start);

  BOOST_TEST(count == 100 + 1000);  // the burst, and ten minutes' worth
  BOOST_TEST((longest == std::chrono::minutes(10)));
}

BOOST_AUTO_TEST_CASE(an_ordinary_mishap_tells_every_sender_only_later) {
  BounceLimit limit(limits(100, 0, std::chrono::hours(1)));

  BOOST_TEST(written(limit, 5000, start).first == 5000);
  BOOST_TEST(!limit.take_suppressed(start));
}

BOOST_AUTO_TEST_CASE(one_domain_does_not_use_up_what_others_may_get) {
  BounceLimit limit(limits(100, 20, milliseconds(0)));
  int to_one = 0;
  for (int i = 0; i < 1000; ++i)
    to_one += limit.admit(cause("Victim.example"), Patience::may_wait, start) ? 1 : 0;
  for (int i = 0; i < 1000; ++i)
    to_one += limit.admit(cause("victim.EXAMPLE"), Patience::may_wait, start) ? 1 : 0;

  BOOST_TEST(to_one == 20);
  BOOST_TEST(written(limit, 1000, start).first == 80);
}

BOOST_AUTO_TEST_CASE(what_was_only_asked_for_never_waits) {
  BounceLimit limit(limits(1, 0, std::chrono::hours(1)));

  BOOST_TEST((limit.admit(cause("a.example"), Patience::now_or_never, start) == milliseconds(0)));
  BOOST_TEST(!limit.admit(cause("a.example"), Patience::now_or_never, start));
  BOOST_TEST((limit.admit(cause("a.example"), Patience::may_wait, start) == seconds(60)));
}

BOOST_AUTO_TEST_CASE(
    what_was_suppressed_is_told_at_once_and_then_once_a_period_with_who_is_behind_it) {
  BounceLimit limit(limits(1, 0, milliseconds(0)));
  limit.admit(cause("a.example"), Patience::may_wait, start);
  BOOST_TEST(!limit.take_suppressed(start));

  limit.admit(cause("a.example", "192.0.2.9"), Patience::may_wait, start);
  const auto first = limit.take_suppressed(start);
  BOOST_REQUIRE(first.has_value());
  BOOST_TEST(first->reports == 1U);
  for (int i = 0; i < 5; ++i)
    limit.admit(cause("b.example", i < 3 ? "192.0.2.7" : "192.0.2.8"), Patience::may_wait, start);
  BOOST_TEST(!limit.take_suppressed(start + seconds(59)));
  const auto second = limit.take_suppressed(start + seconds(60));

  BOOST_REQUIRE(second.has_value());
  BOOST_TEST(second->reports == 5U);
  BOOST_TEST(second->client.key == "192.0.2.7");
  BOOST_TEST(second->client.count == 3U);
  BOOST_TEST(second->to_domain.key == "b.example");
  BOOST_TEST(second->destination.key == "dead.example");
  BOOST_TEST(!limit.take_suppressed(start + seconds(200)));
}

BOOST_AUTO_TEST_CASE(without_limits_nothing_waits) {
  BounceLimit limit(limits(0, 0, milliseconds(0)));
  BOOST_TEST(written(limit, 10000, start).first == 10000);
}

BOOST_AUTO_TEST_SUITE_END()
