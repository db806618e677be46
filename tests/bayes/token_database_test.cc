// token_database_test.cc — what is written is read, by writers and by scans.
#include "gateway/bayes/token_database.h"

#include <boost/test/unit_test.hpp>
#include <vector>

#include "gateway/bayes/token_lookup.h"
#include "tests/bayes/database_folder.h"

namespace postern {
namespace {

constexpr std::uint32_t day = 86400;

TokenCounts counts_of(const TokenStore& store, Token token) {
  std::vector<TokenCounts> counts;
  BOOST_TEST_REQUIRE(store.look_up({&token, 1}, counts).has_value());
  return counts.at(0);
}

void learn(TokenDatabase& database, std::vector<Token> tokens, int spam, int ham,
           std::uint32_t used = day) {
  auto change = database.begin().value();
  BOOST_TEST_REQUIRE(change.count(tokens, spam, ham, used).has_value());
  BOOST_TEST_REQUIRE(change.count_messages(spam, ham).has_value());
  BOOST_TEST_REQUIRE(change.commit().has_value());
}

BOOST_AUTO_TEST_SUITE(bayes_token_database)

BOOST_AUTO_TEST_CASE(a_scan_knows_which_messages_were_learnt) {
  const DatabaseFolder folder;
  auto database = folder.open();
  const std::string endless(2000, 'a');
  auto change = database.begin().value();
  BOOST_TEST_REQUIRE(change.set_seen("known@example.org", true).has_value());
  BOOST_TEST_REQUIRE(change.set_seen(endless, false).has_value());
  BOOST_TEST_REQUIRE(change.commit().has_value());

  const auto store = open_token_store(folder.path()).value();

  BOOST_TEST(store->remembers("known@example.org"));
  BOOST_TEST(store->remembers(endless));
  BOOST_TEST(!store->remembers("other@example.org"));
  BOOST_TEST(!store->remembers(endless + "b"));
  BOOST_TEST(!store->remembers(""));
}

BOOST_AUTO_TEST_CASE(what_was_learnt_is_found_by_a_scan) {
  const DatabaseFolder folder;
  auto database = folder.open();
  learn(database, {1, 0xff00000000, 0xffffffffff}, 1, 0);
  learn(database, {1}, 0, 1, 2 * day);

  const auto store = open_token_store(folder.path()).value();

  BOOST_TEST((counts_of(*store, 1) == TokenCounts{1, 1, 2 * day}));
  BOOST_TEST((counts_of(*store, 0xff00000000) == TokenCounts{1, 0, day}));
  BOOST_TEST((counts_of(*store, 2) == TokenCounts{}));
  BOOST_TEST(store->messages()->spam == 1);
  BOOST_TEST(store->messages()->ham == 1);
}

BOOST_AUTO_TEST_CASE(an_open_store_sees_what_is_learnt_later) {
  const DatabaseFolder folder;
  auto database = folder.open();
  const auto store = open_token_store(folder.path()).value();

  for (int i = 0; i < 5; ++i) learn(database, {7}, 1, 0);

  BOOST_TEST(counts_of(*store, 7).spam == 5);
}

BOOST_AUTO_TEST_CASE(a_change_that_is_not_committed_is_not_seen) {
  const DatabaseFolder folder;
  auto database = folder.open();
  {
    auto change = database.begin().value();
    const Token token = 7;
    BOOST_TEST_REQUIRE(change.count({&token, 1}, 1, 0, day).has_value());
  }

  BOOST_TEST(database.summary().value().tokens == 0);
}

BOOST_AUTO_TEST_CASE(counts_never_fall_below_nothing_and_an_empty_token_goes) {
  const DatabaseFolder folder;
  auto database = folder.open();
  learn(database, {7, 8}, 1, 0);
  learn(database, {8}, 0, 1);

  learn(database, {7, 8, 9}, -2, 0);

  const auto summary = database.summary().value();
  BOOST_TEST(summary.tokens == 1);
  BOOST_TEST(summary.state.messages.spam == 0);
  BOOST_TEST(summary.state.messages.ham == 1);
}

BOOST_AUTO_TEST_CASE(the_last_use_does_not_move_back) {
  const DatabaseFolder folder;
  auto database = folder.open();
  learn(database, {7}, 1, 0, 9 * day);
  learn(database, {7}, 1, 0, day);

  const auto summary = database.summary().value();

  BOOST_TEST(summary.oldest == 9 * day);
  BOOST_TEST(summary.newest == 9 * day);
}

BOOST_AUTO_TEST_CASE(messages_are_remembered_with_what_they_were_learnt_as) {
  const DatabaseFolder folder;
  auto database = folder.open();
  auto change = database.begin().value();
  const std::string longer(2000, 'x');
  BOOST_TEST_REQUIRE(change.set_seen("one@example", true).has_value());
  BOOST_TEST_REQUIRE(change.set_seen(longer, false).has_value());

  BOOST_TEST((change.seen("one@example").value() == std::optional(true)));
  BOOST_TEST((change.seen(longer).value() == std::optional(false)));
  BOOST_TEST(!change.seen(longer + "y").value().has_value());
  BOOST_TEST_REQUIRE(change.forget_seen("one@example").has_value());
  BOOST_TEST(!change.seen("one@example").value().has_value());
}

BOOST_AUTO_TEST_CASE(a_long_message_id_comes_back_whole) {
  const DatabaseFolder folder;
  auto database = folder.open();
  const std::string longer(2000, 'x');
  {
    auto change = database.begin().value();
    BOOST_TEST_REQUIRE(change.set_seen(longer, true).has_value());
    BOOST_TEST_REQUIRE(change.commit().has_value());
  }
  std::string found;

  const auto read = database.read_all([](Token, const TokenCounts&) -> Result<> { return {}; },
                                      [&](std::string_view id, bool) -> Result<> {
                                        found = id;
                                        return {};
                                      });

  BOOST_TEST(read.has_value());
  BOOST_TEST(found == longer);
}

BOOST_AUTO_TEST_CASE(clearing_leaves_nothing) {
  const DatabaseFolder folder;
  auto database = folder.open();
  learn(database, {7}, 1, 0);
  auto change = database.begin().value();
  BOOST_TEST_REQUIRE(change.clear().has_value());
  BOOST_TEST_REQUIRE(change.commit().has_value());

  const auto summary = database.summary().value();

  BOOST_TEST(summary.tokens == 0);
  BOOST_TEST(summary.state.messages.spam == 0);
}

BOOST_AUTO_TEST_CASE(commits_keep_their_distance) {
  const DatabaseFolder folder;
  constexpr std::chrono::milliseconds pace(50);
  auto database = TokenDatabase::open(folder.path(), TokenDatabase::Access::write, pace).value();
  const auto start = std::chrono::steady_clock::now();

  for (int i = 0; i < 4; ++i) learn(database, {7}, 1, 0);

  BOOST_TEST((std::chrono::steady_clock::now() - start >= 3 * pace));
}

BOOST_AUTO_TEST_CASE(a_database_that_is_not_there_cannot_be_read) {
  const DatabaseFolder folder;
  BOOST_TEST(!open_token_store(folder.path() + "/none").has_value());
  BOOST_TEST(!TokenDatabase::open(folder.path(), TokenDatabase::Access::read).has_value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace postern
