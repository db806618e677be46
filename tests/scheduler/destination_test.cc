#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "gateway/scheduler/destination.h"

using namespace postern;

namespace {

const SteadyTime now = SteadyTime{} + std::chrono::hours(1);
const SteadyTime later = now + seconds(300);
constexpr std::int64_t slowest = 10;  // retries a second

Place place() {
  Place d;
  d.key = "d";
  return d;
}

struct Fixture {
  DestinationLimits limits;
  std::optional<Destination> made;

  Destination& destination() {
    if (!made) made.emplace(place(), 0, limits);
    return *made;
  }
  void waits() { destination().waiting().emplace_back(); }
  bool fails() {
    destination().started(Lane::memory, now);
    return destination().ended(Reached::no, slowest);
  }
  void takes() {
    destination().started(Lane::memory, now);
    destination().ended(Reached::took, slowest);
  }
  void defers_a_retry() {
    destination().started(Lane::retry, now);
    destination().ended(Reached::deferred, slowest);
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(destination_, Fixture)

BOOST_AUTO_TEST_CASE(the_window_grows_with_successes_up_to_the_limit) {
  limits.concurrency_limit = 8;
  for (int round = 0; round < 20; ++round) {
    while (destination().busy() < destination().window()) destination().started(Lane::memory, now);
    destination().ended(Reached::took, slowest);
  }

  BOOST_TEST(destination().window() == 8);
}

BOOST_AUTO_TEST_CASE(an_idle_destination_proves_nothing_and_keeps_its_window) {
  for (int i = 0; i < 50; ++i) takes();

  BOOST_TEST(destination().window() <= 6);
}

BOOST_AUTO_TEST_CASE(slow_feedback_takes_a_whole_window_of_successes_for_one_more) {
  limits.positive = *Feedback::parse("1/concurrency");
  for (int i = 0; i < 4; ++i) {
    destination().started(Lane::memory, now);
    destination().started(Lane::memory, now);
    destination().ended(Reached::took, slowest);
  }

  BOOST_TEST(destination().window() == 5);
}

BOOST_AUTO_TEST_CASE(a_whole_window_of_failures_makes_it_dead_and_one_probe_comes_first) {
  int failures = 1;
  while (!fails() && failures < 100) ++failures;
  destination().bury(later, "refused");
  waits();

  BOOST_TEST(failures > 1);
  BOOST_TEST(destination().dead(now));
  BOOST_TEST((destination().opens_at(Lane::memory, now) == later));
  BOOST_TEST((destination().opens_at(Lane::memory, later) <= later));
  destination().started(Lane::memory, later);
  BOOST_TEST((destination().opens_at(Lane::memory, later) == SteadyTime::max()));
}

BOOST_AUTO_TEST_CASE(a_probe_that_fails_makes_it_dead_again_at_once) {
  while (!fails()) {
  }
  destination().bury(now, "refused");

  BOOST_TEST(fails());
  destination().bury(later, "refused");
  BOOST_TEST(destination().deaths() == 2U);
}

BOOST_AUTO_TEST_CASE(a_probe_that_succeeds_opens_the_window_step_by_step) {
  while (!fails()) {
  }
  destination().bury(now, "refused");
  BOOST_TEST(destination().window() == 1);

  takes();

  BOOST_TEST(destination().window() == 2);
  BOOST_TEST(!destination().dead(now));
  BOOST_TEST(destination().deaths() == 0U);
}

BOOST_AUTO_TEST_CASE(a_rate_delay_of_less_than_a_second_spaces_starts) {
  limits.rate_delay = milliseconds(50);
  destination().started(Lane::memory, now);

  BOOST_TEST((destination().opens_at(Lane::fresh, now) == now + milliseconds(50)));
  destination().started(Lane::memory, now + milliseconds(50));
  BOOST_TEST(
      (destination().opens_at(Lane::fresh, now + milliseconds(60)) == now + milliseconds(100)));
}

BOOST_AUTO_TEST_CASE(what_was_fetched_is_not_delayed_a_second_time) {
  limits.rate_delay = seconds(10);
  destination().started(Lane::fresh, now);
  destination().fetched();
  Work work;
  work.paid = true;
  destination().waiting().push_back(std::move(work));

  BOOST_TEST((destination().opens_at(Lane::memory, now) <= now));
  destination().started(Lane::memory, now, true);
  BOOST_TEST((destination().opens_at(Lane::fresh, now) == now + seconds(10)));
}

BOOST_AUTO_TEST_CASE(f82_retries_into_a_wall_of_4yz_slow_down_and_fresh_mail_does_not) {
  for (int i = 0; i < 100; ++i) defers_a_retry();

  const auto wait = destination().opens_at(Lane::retry, now) - now;
  BOOST_TEST((wait > milliseconds(50)));
  BOOST_TEST((destination().opens_at(Lane::fresh, now) <= now));
  BOOST_TEST(!destination().dead(now));
}

BOOST_AUTO_TEST_CASE(f82_the_first_success_gives_retries_their_full_speed_back) {
  for (int i = 0; i < 100; ++i) defers_a_retry();
  takes();

  BOOST_TEST((destination().opens_at(Lane::retry, now) <= now));
}

BOOST_AUTO_TEST_CASE(f82_a_greylisting_host_that_takes_one_in_ten_is_never_slowed) {
  for (int i = 0; i < 200; ++i) {
    if (i % 10 == 0) takes();
    defers_a_retry();
  }

  BOOST_TEST((destination().opens_at(Lane::retry, now) <= now));
}

BOOST_AUTO_TEST_SUITE_END()
