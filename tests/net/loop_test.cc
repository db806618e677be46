#define BOOST_TEST_DYN_LINK
#include "gateway/net/loop.h"

#include <boost/test/unit_test.hpp>
#include <memory>
#include <thread>
#include <vector>

#include "tests/support/run_task.h"

namespace postern {
namespace {

using test::run_task;

Task<void> sleep(Loop& loop, milliseconds time) { co_await loop.sleep_until(loop.now() + time); }

BOOST_AUTO_TEST_SUITE(loop)

BOOST_AUTO_TEST_CASE(posts_run_in_their_order_also_those_that_posts_make) {
  Loop loop;
  std::vector<int> seen;

  loop.post([&] {
    seen.push_back(1);
    loop.post([&] { seen.push_back(3); });
  });
  loop.post([&] { seen.push_back(2); });
  loop.poll();

  BOOST_TEST(seen == (std::vector{1, 2, 3}));
}

BOOST_AUTO_TEST_CASE(a_post_from_another_thread_wakes_a_loop_that_sleeps) {
  Loop loop;
  int runs = 0;

  std::thread other([&] {
    for (int i = 0; i < 1000; ++i) loop.post([&runs] { ++runs; });
    loop.post([&loop] { loop.stop(); });
  });
  loop.run();
  other.join();

  BOOST_TEST(runs == 1000);
}

BOOST_AUTO_TEST_CASE(stop_from_another_thread_ends_a_loop_that_sleeps) {
  Loop loop;

  std::thread other([&loop] { loop.stop(); });
  loop.run();
  other.join();

  BOOST_TEST(true);  // it came back
}

BOOST_AUTO_TEST_CASE(a_timer_set_later_fires_once_and_not_before) {
  Loop loop;
  std::vector<SteadyTime> fired;
  Timer timer(loop, [&] { fired.push_back(loop.now()); });
  const SteadyTime start = loop.now();

  timer.set(start + milliseconds(5));
  timer.set(start + milliseconds(30));
  run_task(loop, sleep(loop, milliseconds(60)));

  BOOST_REQUIRE(fired.size() == 1U);
  BOOST_TEST((fired.front() >= start + milliseconds(30)));
}

BOOST_AUTO_TEST_CASE(a_timer_set_earlier_fires_earlier) {
  Loop loop;
  int fired = 0;
  Timer timer(loop, [&fired] { ++fired; });

  timer.set(loop.now() + std::chrono::hours(1));
  timer.set(loop.now() + milliseconds(5));
  run_task(loop, sleep(loop, milliseconds(20)));

  BOOST_TEST(fired == 1);
}

BOOST_AUTO_TEST_CASE(a_timer_that_was_cleared_or_has_ended_never_fires) {
  Loop loop;
  int fired = 0;
  Timer cleared(loop, [&fired] { ++fired; });
  auto ended = std::make_unique<Timer>(loop, [&fired] { ++fired; });

  cleared.set(loop.now() + milliseconds(5));
  ended->set(loop.now() + milliseconds(5));
  cleared.clear();
  ended.reset();
  run_task(loop, sleep(loop, milliseconds(20)));

  BOOST_TEST(fired == 0);
}

BOOST_AUTO_TEST_CASE(a_timer_may_end_itself_while_it_fires) {
  Loop loop;
  std::unique_ptr<Timer> timer;
  int fired = 0;
  timer = std::make_unique<Timer>(loop, [&] {
    timer.reset();
    ++fired;
  });

  timer->set(loop.now());
  run_task(loop, sleep(loop, milliseconds(5)));

  BOOST_TEST(fired == 1);
}

BOOST_AUTO_TEST_CASE(a_timer_that_always_wants_now_does_not_starve_the_rest) {
  Loop loop;
  std::unique_ptr<Timer> timer;
  bool posted = false;
  timer = std::make_unique<Timer>(loop, [&] {
    if (posted) return;
    loop.post([&posted] { posted = true; });
    timer->set(loop.now() - seconds(1));
  });

  timer->set(loop.now());
  loop.poll();

  BOOST_TEST(posted);
}

// Order and completeness against a plain sort, with times in no order, some moved, some ended.
BOOST_AUTO_TEST_CASE(many_timers_fire_in_the_order_of_their_times) {
  Loop loop;
  const SteadyTime start = loop.now();
  std::vector<std::unique_ptr<Timer>> timers;
  std::vector<SteadyTime> wanted(500);
  std::vector<std::size_t> fired;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    timers.push_back(std::make_unique<Timer>(loop, [&fired, i] { fired.push_back(i); }));
    wanted[i] = start + std::chrono::microseconds(i * 7919 % 4999);
    timers[i]->set(i % 3 ? wanted[i] : wanted[i] + milliseconds(2));
  }
  for (std::size_t i = 0; i < wanted.size(); i += 3) timers[i]->set(wanted[i]);
  for (std::size_t i = 0; i < wanted.size(); i += 5) timers[i].reset();

  const std::size_t expected = wanted.size() - wanted.size() / 5;
  while (fired.size() < expected && loop.now() < start + seconds(10)) loop.poll();

  BOOST_TEST(fired.size() == expected);
  BOOST_TEST(std::ranges::is_sorted(fired, {}, [&](std::size_t i) { return wanted[i]; }));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace postern
