#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <random>
#include <thread>
#include <vector>

#include "gateway/queue/message_id.h"
#include "tests/queue/spool_fixture.h"

using namespace postern;

BOOST_AUTO_TEST_SUITE(message_id)

BOOST_AUTO_TEST_CASE(text_sorts_like_the_numbers_and_reads_back) {
  std::mt19937_64 random(1);
  std::vector<MessageId> ids{{0}, {1}, {31}, {32}, {UINT64_MAX}};
  for (int i = 0; i < 1000; ++i) ids.push_back({random() >> (random() % 64)});
  std::ranges::sort(ids);

  for (std::size_t i = 0; i < ids.size(); ++i) {
    const auto text = ids[i].text();
    BOOST_TEST(text.size() == 13U);
    BOOST_TEST((MessageId::parse(text) == ids[i]));
    if (i > 0) BOOST_TEST((ids[i - 1].text() <= text));
  }
}

BOOST_AUTO_TEST_CASE(what_is_no_id_is_not_parsed) {
  for (const auto* text : {"", "0", "000000000000", "00000000000000", "000000000000i",
                           "000000000000l", "000000000000o", "000000000000u", "000000000000A",
                           "g000000000000", "00000000000 0", "../../etc/pas"}) {
    BOOST_TEST(!MessageId::parse(text), text);
  }
}

BOOST_AUTO_TEST_CASE(ids_increase_strictly_when_the_clock_is_set_back) {
  MovableClock clock;
  MessageIdSource source(clock, 5);
  auto last = source.next();

  for (int i = 0; i < 100; ++i) {
    if (i == 50) clock.set_wall(1);
    if (i == 75) clock.set_wall(-1);
    const auto id = source.next();
    BOOST_TEST((id > last));
    BOOST_TEST((id.value & 0xfff) == 5U);
    last = id;
  }
}

BOOST_AUTO_TEST_CASE(ids_after_a_restart_are_above_those_seen_by_recovery) {
  MovableClock clock;
  MessageIdSource before(clock, 0xfff);
  const auto seen = before.next();
  clock.set_wall(1000);

  MessageIdSource after(clock, 3);
  after.not_before(seen);

  BOOST_TEST((after.next() > seen));
}

BOOST_AUTO_TEST_CASE(ids_of_many_threads_are_all_different) {
  MovableClock clock;
  MessageIdSource source(clock, 0);
  std::vector<std::vector<MessageId>> taken(4);
  {
    std::vector<std::jthread> threads;
    for (auto& mine : taken) {
      threads.emplace_back([&source, &mine] {
        for (int i = 0; i < 5000; ++i) mine.push_back(source.next());
      });
    }
  }

  std::vector<MessageId> all;
  for (const auto& mine : taken) all.insert(all.end(), mine.begin(), mine.end());
  std::ranges::sort(all);
  BOOST_TEST((std::ranges::adjacent_find(all) == all.end()));
}

BOOST_AUTO_TEST_SUITE_END()
