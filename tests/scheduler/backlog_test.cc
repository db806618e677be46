#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include <random>
#include <set>

#include "gateway/scheduler/backlog.h"

using namespace postern;

namespace {
const SteadyTime now = SteadyTime{} + std::chrono::hours(1);
Queued queued(std::uint64_t id) { return {{id}, now, true, false, false}; }
}  // namespace

BOOST_AUTO_TEST_SUITE(backlog)

BOOST_AUTO_TEST_CASE(a_list_gives_first_what_came_first) {
  Backlog backlog(now);
  Backlog::List list;
  for (std::uint64_t id = 1; id <= 3; ++id) backlog.append(queued(id), list, 5, SteadyTime::max());
  backlog.prepend(queued(9), list, 5, SteadyTime::max());

  std::vector<std::uint64_t> order;
  while (const auto message = backlog.take_first(list)) order.push_back(message->id.value);

  BOOST_TEST((order == std::vector<std::uint64_t>{9, 1, 2, 3}));
  BOOST_TEST(backlog.size() == 0U);
}

BOOST_AUTO_TEST_CASE(one_can_be_taken_from_the_middle_of_a_list) {
  Backlog backlog(now);
  Backlog::List list;
  for (std::uint64_t id = 1; id <= 3; ++id) backlog.append(queued(id), list, 5, SteadyTime::max());

  backlog.take(backlog.find({2}), &list);

  BOOST_TEST(list.count == 2U);
  BOOST_TEST(backlog.find({2}) == Backlog::none);
  BOOST_TEST(backlog.take_first(list)->id.value == 1U);
  BOOST_TEST(backlog.take_first(list)->id.value == 3U);
}

BOOST_AUTO_TEST_CASE(an_alarm_tells_whose_list_the_message_stands_in) {
  Backlog backlog(now);
  Backlog::List list;
  backlog.append(queued(1), list, 5, now + seconds(10));
  backlog.wait_until(queued(2), now + seconds(5));

  const auto due = backlog.take_expired(now + seconds(6));
  BOOST_REQUIRE(due);
  BOOST_TEST(due->owner == Backlog::none);
  BOOST_TEST(backlog.take(due->number, nullptr).id.value == 2U);
  const auto alarm = backlog.take_expired(now + seconds(11));
  BOOST_REQUIRE(alarm);
  BOOST_TEST(alarm->owner == 5U);
  backlog.take(alarm->number, &list);
  BOOST_TEST(list.empty());
}

BOOST_AUTO_TEST_CASE(ids_are_found_whatever_came_and_went) {
  Backlog backlog(now);
  std::mt19937_64 random(99);
  std::set<std::uint64_t> known;
  for (int i = 0; i < 200'000; ++i) {
    const std::uint64_t id = random() % 20'000 << 12 | 7;  // as ids are: the node below, time above
    const auto number = backlog.find({id});
    BOOST_REQUIRE((number != Backlog::none) == known.contains(id));
    if (number != Backlog::none) {
      BOOST_REQUIRE(backlog.message(number).id.value == id);
      backlog.take(number, nullptr);
      known.erase(id);
    } else {
      backlog.wait_until(queued(id), now + seconds(random() % 1000));
      known.insert(id);
    }
  }
  BOOST_TEST(backlog.size() == known.size());
}

BOOST_AUTO_TEST_SUITE_END()
