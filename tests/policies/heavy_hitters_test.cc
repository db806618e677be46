#include "policies/heavy_hitters.h"
#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

using namespace postern;

BOOST_AUTO_TEST_SUITE(heavy_hitters)

BOOST_AUTO_TEST_CASE(the_most_frequent_is_found_among_thousands_in_few_places) {
  HeavyHitters hitters(8);
  for (int i = 0; i < 4000; ++i) {
    hitters.add("stranger" + std::to_string(i));
    if (i % 4 == 0) hitters.add("flooder");
  }

  const auto top = hitters.top();

  BOOST_TEST(top.key == "flooder");
  BOOST_TEST(top.count >= 1000U);
  BOOST_TEST(top.count <= 1000U + 5000U / 8);
}

BOOST_AUTO_TEST_CASE(nothing_was_seen_at_the_beginning_and_after_clear) {
  HeavyHitters hitters;
  BOOST_TEST(hitters.top().key == "");
  hitters.add("a");
  BOOST_TEST(hitters.top().count == 1U);
  hitters.clear();
  BOOST_TEST(hitters.top().count == 0U);
}

BOOST_AUTO_TEST_SUITE_END()
