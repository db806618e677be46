#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "gateway/scheduler/destination.h"

using namespace postern;

namespace {
const SteadyTime now = SteadyTime{} + std::chrono::hours(1);
const SteadyTime later = now + seconds(300);
}  // namespace

BOOST_AUTO_TEST_SUITE(destination)

BOOST_AUTO_TEST_CASE(the_window_grows_with_successes_up_to_the_limit) {
  SchedulerSettings settings;
  settings.default_destination_concurrency_limit = 8;
  Destination destination("d", settings);

  for (int round = 0; round < 200; ++round) {
    while (destination.busy() < destination.window()) destination.started();
    destination.succeeded();
  }

  BOOST_TEST(destination.window() == 8);
}

BOOST_AUTO_TEST_CASE(a_whole_window_of_failures_makes_it_dead_and_one_probe_comes_first) {
  SchedulerSettings settings;
  Destination destination("d", settings);
  bool died = false;
  int failures = 0;
  while (!died && failures < 100) {
    destination.started();
    died = destination.failed(later, "refused");
    ++failures;
  }

  BOOST_TEST(died);
  BOOST_TEST(failures > 1);
  BOOST_TEST(destination.dead(now));
  BOOST_TEST(!destination.dead(later));
  BOOST_TEST(destination.window() == 1);
}

BOOST_AUTO_TEST_CASE(one_success_brings_it_back_to_life) {
  SchedulerSettings settings;
  Destination destination("d", settings);
  for (int i = 0; i < 20; ++i) {
    destination.started();
    destination.failed(later, "refused");
  }
  destination.started();
  destination.succeeded();

  BOOST_TEST(!destination.dead(now));
}

BOOST_AUTO_TEST_SUITE_END()
