#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include <map>
#include <random>
#include <set>
#include <string>

#include "gateway/queue/block_arena.h"
#include "gateway/queue/text_pool.h"

using namespace postern;

BOOST_AUTO_TEST_SUITE(text_pool)

BOOST_AUTO_TEST_CASE(a_text_that_many_share_is_kept_once_and_forgotten_with_the_last) {
  TextPool pool;
  const auto first = pool.add("451 later");
  BOOST_TEST(!pool.shared(first));
  BOOST_TEST(pool.add("451 later") == first);
  BOOST_TEST(pool.shared(first));
  for (int i = 0; i < 1000; ++i) pool.add("text " + std::to_string(i));
  BOOST_TEST(pool.at(first) == "451 later");
  BOOST_TEST(pool.size() == 1001U);

  pool.drop(first);
  BOOST_TEST(pool.size() == 1001U);
  pool.drop(first);
  BOOST_TEST(pool.size() == 1000U);
  BOOST_TEST(pool.add("450 later") == first);  // of equal length, and so the place is free for it
  BOOST_TEST(pool.add("") == 0U);
}

BOOST_AUTO_TEST_CASE(texts_of_every_length_come_back_whatever_came_and_went_between) {
  TextPool pool;
  std::mt19937_64 random(1);
  std::map<std::uint32_t, std::pair<std::string, int>> model;
  std::map<std::string, std::uint32_t> numbers;
  for (int round = 0; round < 40000; ++round) {
    if (random() % 5 < 3 || model.empty()) {
      const auto length = random() % 40 == 0 ? random() % 40000 : random() % 300;
      const std::string text(length, static_cast<char>('a' + random() % 3));
      const auto number = pool.add(text);
      if (text.empty()) continue;
      const auto known = numbers.emplace(text, number).first;
      BOOST_REQUIRE(known->second == number);
      auto& [octets, users] = model[number];
      octets = text;
      ++users;
    } else {
      auto some = model.begin();
      std::advance(some, random() % std::min<std::size_t>(model.size(), 50));
      pool.drop(some->first);
      if (--some->second.second > 0) continue;
      numbers.erase(some->second.first);
      model.erase(some);
    }
  }
  BOOST_TEST(pool.size() == model.size());
  for (const auto& [number, text] : model) BOOST_REQUIRE(pool.at(number) == text.first);
  for (const auto& [number, text] : model) {
    for (int i = 0; i < text.second; ++i) pool.drop(number);
  }
  BOOST_TEST(pool.size() == 0U);
}

BOOST_AUTO_TEST_CASE(while_numbers_are_kept_none_is_used_for_another_text) {
  TextPool pool;
  const auto old = pool.add("an address");
  pool.keep_numbers();
  pool.drop(old);

  BOOST_TEST(pool.add("an Address") != old);
  BOOST_TEST(pool.at(old) == "an address");

  pool.release_numbers();
  BOOST_TEST(pool.add("an ADDRESS") == old);
}

BOOST_AUTO_TEST_CASE(a_text_with_more_users_than_can_be_counted_is_never_lost) {
  TextPool pool;
  const auto text = pool.add("450 4.4.1 connection timed out");
  for (int i = 0; i < 99'999; ++i) pool.again(text);
  for (int i = 0; i < 99'999; ++i) pool.drop(text);

  BOOST_TEST(pool.at(text) == "450 4.4.1 connection timed out");
  BOOST_TEST(pool.add("450 4.4.1 connection timed out") == text);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(block_arena)

BOOST_AUTO_TEST_CASE(blocks_never_move_and_never_overlap) {
  BlockArena arena;
  std::map<std::uint32_t, std::pair<const char*, std::size_t>> blocks;
  std::mt19937_64 random(2);
  for (int i = 0; i < 20000; ++i) {
    if (random() % 3 > 0 || blocks.empty()) {
      const std::size_t sizes[] = {8, 30, 64, 2048, 2049, 50000};
      const auto size = sizes[random() % (random() % 50 == 0 ? 6 : 4)];
      const auto block = arena.take(size);
      BOOST_REQUIRE(blocks.emplace(block, std::pair{arena.at(block), size}).second);
      std::fill_n(arena.at(block), size, static_cast<char>(block));
    } else {
      const auto some = blocks.lower_bound(static_cast<std::uint32_t>(random()));
      const auto gone = some == blocks.end() ? blocks.begin() : some;
      arena.give_back(gone->first);
      blocks.erase(gone);
    }
  }
  for (const auto& [block, what] : blocks) {
    BOOST_REQUIRE(arena.at(block) == what.first);
    BOOST_REQUIRE(arena.size_of(block) == what.second);
    const std::string_view octets(what.first, what.second);
    BOOST_REQUIRE(octets.find_first_not_of(static_cast<char>(block)) == std::string_view::npos);
  }
}

BOOST_AUTO_TEST_CASE(the_pages_of_a_storm_are_used_again_by_blocks_of_another_size) {
  BlockArena arena;
  std::vector<std::uint32_t> blocks;
  for (int i = 0; i < 10000; ++i) blocks.push_back(arena.take(64));
  const auto pages = arena.pages();
  for (const auto block : blocks) arena.give_back(block);

  for (int i = 0; i < 5000; ++i) arena.take(100);

  BOOST_TEST(arena.pages() <= pages);
}

BOOST_AUTO_TEST_SUITE_END()
