// learning_test.cc — messages are learnt once, the other way round, and forgotten.
#include "gateway/bayes/learning.h"

#include <boost/test/unit_test.hpp>

#include "tests/bayes/database_folder.h"

namespace postern {
namespace {

constexpr std::int64_t now = 1800000000;

std::int64_t received(std::string_view octets) {
  const RuleSettings settings;
  Matcher matcher;
  const ScanInput input{.octets = octets};
  ScannedMessage message(input, settings, matcher);
  return received_time(message, now);
}

Lesson lesson(std::string name) { return {{1, 2, 3}, {std::move(name), "its@own"}, 1000}; }

BOOST_AUTO_TEST_SUITE(bayes_learning)

BOOST_AUTO_TEST_CASE(the_same_message_counts_once) {
  const DatabaseFolder folder;
  auto database = folder.open();
  auto change = database.begin().value();

  BOOST_TEST((learn(change, lesson("a"), true).value() == Learnt::anew));
  BOOST_TEST((learn(change, lesson("a"), true).value() == Learnt::before));
  BOOST_TEST(change.state().value().messages.spam == 1);
}

BOOST_AUTO_TEST_CASE(what_is_learnt_as_the_other_kind_is_forgotten_first) {
  const DatabaseFolder folder;
  auto database = folder.open();
  auto change = database.begin().value();
  BOOST_TEST_REQUIRE(learn(change, lesson("a"), true).has_value());

  BOOST_TEST((learn(change, lesson("a"), false).value() == Learnt::instead));

  const auto state = change.state().value();
  BOOST_TEST(state.messages.spam == 0);
  BOOST_TEST(state.messages.ham == 1);
  const auto see = [](Token, const TokenCounts& counts) -> Result<> {
    BOOST_TEST(counts.spam == 0);
    BOOST_TEST(counts.ham == 1);
    return {};
  };
  BOOST_TEST(change.each_token(see).has_value());
}

BOOST_AUTO_TEST_CASE(forgetting_leaves_nothing_and_what_was_never_learnt_alone) {
  const DatabaseFolder folder;
  auto database = folder.open();
  auto change = database.begin().value();
  BOOST_TEST_REQUIRE(learn(change, lesson("a"), true).has_value());

  BOOST_TEST(forget(change, lesson("a")).value());
  BOOST_TEST(!forget(change, lesson("a")).value());
  BOOST_TEST(change.tokens().value() == 0);
}

BOOST_AUTO_TEST_CASE(a_message_that_an_old_database_knows_by_its_message_id_is_known) {
  const DatabaseFolder folder;
  auto database = folder.open();
  auto change = database.begin().value();
  BOOST_TEST_REQUIRE(change.set_seen("its@own", false).has_value());

  BOOST_TEST((learn(change, lesson("a"), false).value() == Learnt::before));
}

BOOST_AUTO_TEST_CASE(the_topmost_received_field_says_when_it_came) {
  BOOST_TEST(received("Received: from a by b; Sat, 21 Nov 2026 08:15:02 +0000\n"
                      "Received: from c by a; Fri, 20 Nov 2026 08:15:02 +0000\n"
                      "Date: Thu, 19 Nov 2026 08:15:02 +0000\n\n") == 1795248902);
}

BOOST_AUTO_TEST_CASE(a_hop_within_the_machine_is_left_out) {
  BOOST_TEST(received("Received: from localhost (localhost [127.0.0.1]) by b;"
                      " Sun, 22 Nov 2026 08:15:02 +0000\n"
                      "Received: by localhost with IMAP (fetchmail-6.3);"
                      " Sun, 22 Nov 2026 08:15:02 +0000\n"
                      "Received: from c by a; Sat, 21 Nov 2026 08:15:02 +0000\n\n") == 1795248902);
}

BOOST_AUTO_TEST_CASE(without_received_fields_the_date_is_taken_and_without_any_now) {
  BOOST_TEST(received("Date: Sat, 21 Nov 2026 08:15:02 +0000\n\n") == 1795248902);
  BOOST_TEST(received("Subject: none\n\n") == now);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace postern
