#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "gateway/worker/breaker.h"

using namespace postern;

BOOST_AUTO_TEST_SUITE(breaker)

const SteadyTime start{seconds(1000)};

BOOST_AUTO_TEST_CASE(five_crashes_in_a_minute_delay_nothing) {
  Breaker breaker;
  for (int i = 0; i < 5; ++i) breaker.crashed(start + seconds(i));

  BOOST_CHECK(!breaker.open(start + seconds(5)));
  BOOST_CHECK(breaker.next_start() <= start);
}

BOOST_AUTO_TEST_CASE(each_further_crash_doubles_the_delay_up_to_half_a_minute) {
  Breaker breaker;
  for (int i = 0; i < 6; ++i) breaker.crashed(start);
  BOOST_CHECK(breaker.open(start));
  const auto first = breaker.next_start() - start;
  BOOST_CHECK(first > milliseconds(0));

  breaker.crashed(start);
  BOOST_CHECK(breaker.next_start() - start == 2 * first);

  for (int i = 0; i < 1000; ++i) breaker.crashed(start);
  BOOST_CHECK(breaker.next_start() - start <= seconds(30));
}

BOOST_AUTO_TEST_CASE(a_minute_without_crashes_closes_it) {
  Breaker breaker;
  for (int i = 0; i < 20; ++i) breaker.crashed(start);

  BOOST_CHECK(breaker.open(start + seconds(59)));
  BOOST_CHECK(!breaker.open(start + seconds(61)));
}

BOOST_AUTO_TEST_CASE(a_new_zygote_begins_without_history) {
  Breaker breaker;
  for (int i = 0; i < 20; ++i) breaker.crashed(start);

  breaker.reset();

  BOOST_CHECK(!breaker.open(start));
  BOOST_CHECK(breaker.next_start() <= start);
}

BOOST_AUTO_TEST_SUITE_END()
