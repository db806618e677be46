#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <random>
#include <vector>

#include "gateway/scheduler/timer_wheel.h"

using namespace postern;

namespace {
const SteadyTime begin = SteadyTime{} + std::chrono::hours(1000);
/// A tick is about 17 ms.
constexpr milliseconds tick{17};
}  // namespace

BOOST_AUTO_TEST_SUITE(timer_wheel)

BOOST_AUTO_TEST_CASE(a_timer_expires_at_its_time_and_not_before) {
  TimerWheel wheel(begin);
  wheel.set(7, begin + seconds(300));

  BOOST_TEST(wheel.take(begin + milliseconds(299'999)) == TimerWheel::none);
  BOOST_TEST(wheel.take(begin + seconds(300) + 2 * tick) == 7U);
  BOOST_TEST(wheel.take(begin + seconds(301)) == TimerWheel::none);
  BOOST_TEST(!wheel.is_set(7));
}

BOOST_AUTO_TEST_CASE(a_timer_of_the_past_expires_at_once) {
  TimerWheel wheel(begin);
  BOOST_TEST(wheel.take(begin + seconds(10)) == TimerWheel::none);
  wheel.set(1, begin);

  BOOST_TEST(wheel.take(begin + seconds(10)) == 1U);
}

BOOST_AUTO_TEST_CASE(a_cleared_timer_never_expires_and_a_moved_one_only_once) {
  TimerWheel wheel(begin);
  wheel.set(1, begin + seconds(1));
  wheel.set(2, begin + seconds(1));
  wheel.clear(1);
  wheel.set(2, begin + std::chrono::hours(2));

  BOOST_TEST(wheel.take(begin + std::chrono::hours(1)) == TimerWheel::none);
  BOOST_TEST(wheel.take(begin + std::chrono::hours(3)) == 2U);
  BOOST_TEST(wheel.take(begin + std::chrono::hours(9)) == TimerWheel::none);
}

BOOST_AUTO_TEST_CASE(a_timer_set_for_ever_stays) {
  TimerWheel wheel(begin);
  wheel.set(1, SteadyTime::max());

  BOOST_TEST(wheel.take(begin + std::chrono::days(100)) == TimerWheel::none);
  BOOST_TEST(wheel.is_set(1));
}

BOOST_AUTO_TEST_CASE(any_order_of_setting_moving_and_clearing_agrees_with_a_sorted_list) {
  std::mt19937 random(4711);
  std::uniform_int_distribution<std::int64_t> wait(0, 40);
  for (int round = 0; round < 40; ++round) {
    TimerWheel wheel(begin);
    std::vector<SteadyTime> due(200, SteadyTime::max());
    SteadyTime now = begin;
    for (int step = 0; step < 600; ++step) {
      const auto timer = static_cast<std::uint32_t>(random() % due.size());
      // Milliseconds to weeks, so that all wheels are in use.
      const auto ahead =
          milliseconds(std::int64_t{1} << (wait(random) % 31)) + milliseconds(wait(random));
      if (random() % 4 == 0) {
        wheel.clear(timer);
        due[timer] = SteadyTime::max();
      } else {
        wheel.set(timer, now + ahead);
        due[timer] = now + ahead;
      }
      if (random() % 3 != 0) continue;
      BOOST_REQUIRE(wheel.next() - 2 * tick <= *std::ranges::min_element(due));
      now += milliseconds(std::int64_t{1} << (random() % 25));
      for (auto expired = wheel.take(now); expired != TimerWheel::none; expired = wheel.take(now)) {
        BOOST_REQUIRE(due[expired] <= now);
        due[expired] = SteadyTime::max();
      }
      for (const SteadyTime late : due) BOOST_REQUIRE(late > now - 2 * tick);
    }
    BOOST_TEST(wheel.size() == static_cast<std::size_t>(std::ranges::count_if(
                                   due, [](SteadyTime t) { return t != SteadyTime::max(); })));
  }
}

BOOST_AUTO_TEST_SUITE_END()
