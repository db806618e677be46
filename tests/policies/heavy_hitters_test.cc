#define BOOST_TEST_DYN_LINK
#include "policies/heavy_hitters.h"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <map>
#include <random>

using namespace postern;

namespace {

const SteadyTime start = SteadyTime() + std::chrono::hours(1);

const HeavyHitters::Hitter* find(const std::vector<HeavyHitters::Hitter>& in,
                                 const std::string& key) {
  const auto found = std::ranges::find(in, key, &HeavyHitters::Hitter::key);
  return found == in.end() ? nullptr : &*found;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(heavy_hitters)

BOOST_AUTO_TEST_CASE(few_keys_are_counted_exactly) {
  HeavyHitters hitters(8);
  for (const int times : {1, 3, 7, 20}) {
    for (int i = 0; i < times; ++i) hitters.add("key" + std::to_string(times));
  }

  BOOST_TEST(hitters.total() == 31U);
  for (const auto& hitter : hitters.all()) {
    BOOST_TEST("key" + std::to_string(hitter.count) == hitter.key);
    BOOST_TEST(hitter.error == 0U);
  }
}

BOOST_AUTO_TEST_CASE(every_key_above_its_fair_share_is_found_and_its_count_is_bounded) {
  constexpr std::size_t capacity = 32;
  HeavyHitters hitters(capacity);
  std::map<std::string, std::uint64_t> truth;
  std::mt19937_64 random(7);
  for (int i = 0; i < 50000; ++i) {
    // Half of the events are ten keys', the others a long tail's.
    const auto drawn = random() % 20;
    std::string key = drawn < 10 ? "big" : "tail";
    key += std::to_string(drawn < 10 ? drawn : random() % 20000);
    ++truth[key];
    hitters.add(key);
  }

  const auto all = hitters.all();
  BOOST_TEST(all.size() == capacity);
  for (const auto& [key, count] : truth) {
    if (count <= hitters.total() / capacity) continue;
    const auto* hitter = find(all, key);
    BOOST_REQUIRE_MESSAGE(hitter, key << " is missing");
    BOOST_TEST(hitter->count >= count);
    BOOST_TEST(hitters.at_least(key) <= count);
    BOOST_TEST(hitters.at_least(key) == hitter->count - hitter->error);
  }
}

BOOST_AUTO_TEST_CASE(memory_stays_the_same_under_a_flood_of_keys_of_any_length) {
  HeavyHitters hitters(16);

  for (int i = 0; i < 10000; ++i) hitters.add(std::to_string(i) + std::string(5000, 'x'));

  BOOST_TEST(hitters.size() == 16U);
  for (const auto& hitter : hitters.all()) BOOST_TEST(hitter.key.size() <= 320U);
}

BOOST_AUTO_TEST_CASE(a_table_without_places_counts_in_all_and_nothing_else) {
  HeavyHitters hitters(0);
  hitters.add("a");
  BOOST_TEST(hitters.total() == 1U);
  BOOST_TEST(hitters.all().empty());
}

BOOST_AUTO_TEST_CASE(what_is_older_than_two_windows_is_forgotten) {
  RecentHitters recent(8, seconds(60), start);
  for (int i = 0; i < 60; ++i) recent.add("old", start + seconds(i));
  BOOST_TEST(recent.recent(start + seconds(59)) == 60, boost::test_tools::tolerance(0.01));

  BOOST_TEST(recent.recent(start + seconds(90)) == 30, boost::test_tools::tolerance(0.01));
  BOOST_TEST(recent.top(start + seconds(90)).key == "old");
  BOOST_TEST(recent.usual_part("old", start + seconds(90)) == 1.0);
  BOOST_TEST(recent.top(start + seconds(180)).part == 0);
  BOOST_TEST(recent.recent(start + seconds(180)) == 0);
}

BOOST_AUTO_TEST_CASE(the_top_is_that_of_both_windows_with_its_part_of_them) {
  RecentHitters recent(8, seconds(60), start);
  for (int i = 0; i < 6; ++i) recent.add("a", start);
  for (int i = 0; i < 4; ++i) recent.add("b", start);
  for (int i = 0; i < 10; ++i) recent.add("b", start + seconds(61));

  const auto top = recent.top(start + seconds(61));

  BOOST_TEST(top.key == "b");
  BOOST_TEST(top.part == 0.7, boost::test_tools::tolerance(1e-9));
}

BOOST_AUTO_TEST_CASE(the_top_is_empty_before_the_first_event_and_after_clear) {
  HeavyHitters hitters;
  BOOST_TEST(hitters.top().key == "");
  hitters.add("a");
  hitters.add("b");
  hitters.add("b");
  BOOST_TEST(hitters.top().key == "b");
  BOOST_TEST(hitters.top().count == 2U);
  hitters.clear();
  BOOST_TEST(hitters.top().count == 0U);
}

BOOST_AUTO_TEST_SUITE_END()
