// learner_test.cc — a running gateway's lessons are gathered, written, bounded, and never waited
// for.
#include "gateway/bayes/learner.h"

#include <boost/test/unit_test.hpp>

#include "gateway/base/metrics.h"
#include "tests/bayes/database_folder.h"

namespace postern {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds patience{20'000};
constexpr LearnerPace at_once{.gather = milliseconds(0), .commits = milliseconds(0)};

std::shared_ptr<const AutoLesson> lesson(int number, bool spam, std::size_t tokens = 3) {
  AutoLesson out{spam, {{}, {std::to_string(number) + "@sa_generated", ""}, 1000}};
  for (std::size_t i = 0; i < tokens; ++i) out.lesson.tokens.push_back(i);
  return std::make_shared<const AutoLesson>(std::move(out));
}

std::uint64_t lost(const char* reason) {
  return counter("postern_bayes_lessons_lost_total", "", {{"reason", reason}}).value();
}

DatabaseState state_of(const DatabaseFolder& folder) {
  return folder.open().summary().value().state;
}

BOOST_AUTO_TEST_SUITE(bayes_learner)

BOOST_AUTO_TEST_CASE(lessons_are_in_the_database_when_it_has_closed) {
  const DatabaseFolder folder;
  Learner learner({.database = folder.path()});

  for (int i = 0; i < 10; ++i) BOOST_TEST(learner.take(lesson(i, i < 4)));
  learner.close(patience);

  const auto state = state_of(folder);
  BOOST_TEST(state.messages.spam == 4);
  BOOST_TEST(state.messages.ham == 6);
}

BOOST_AUTO_TEST_CASE(a_message_that_is_known_stays_what_it_was_learnt_as) {
  const DatabaseFolder folder;
  Learner learner({.database = folder.path()}, at_once);

  learner.take(lesson(1, true));
  learner.take(lesson(1, false));
  learner.close(patience);

  BOOST_TEST(state_of(folder).messages.spam == 1);
  BOOST_TEST(state_of(folder).messages.ham == 0);
}

BOOST_AUTO_TEST_CASE(what_finds_no_room_is_lost_and_counted) {
  const DatabaseFolder folder;
  LearnerPace pace{.gather = milliseconds(60'000), .commits = milliseconds(0)};
  pace.most_waiting = 100;
  pace.most_tokens_waiting = 1000;
  Learner learner({.database = folder.path()}, pace);
  const auto before = lost("line_full");

  BOOST_TEST(learner.take(lesson(1, true, 400)));
  BOOST_TEST(!learner.take(lesson(2, true, 601)));

  BOOST_TEST(lost("line_full") == before + 1);
  learner.close(patience);
  BOOST_TEST(!learner.take(lesson(3, true)));
  BOOST_TEST(state_of(folder).messages.spam == 1);
}

BOOST_AUTO_TEST_CASE(a_database_that_cannot_be_written_costs_its_lessons_and_nothing_else) {
  const DatabaseFolder folder;
  folder.write("file", "no folder");
  Learner learner({.database = folder.path() + "/file/database"}, at_once);
  const auto before = lost("failed");

  learner.take(lesson(1, true));
  learner.close(patience);

  BOOST_TEST(lost("failed") == before + 1);
}

BOOST_AUTO_TEST_CASE(tokens_of_long_ago_go_while_it_learns) {
  const DatabaseFolder folder;
  {
    auto database = folder.open();
    auto change = database.begin().value();
    for (Token token = 0; token < 102'000; ++token)
      BOOST_TEST_REQUIRE(
          change.put(1000 + token, {.spam = 1, .last_used = token < 2000 ? 1U : 90'000'000U})
              .has_value());
    BOOST_TEST_REQUIRE(change.commit().has_value());
  }
  Learner learner({.database = folder.path(), .most_tokens = 100'000, .expire = true}, at_once);

  learner.take(lesson(1, true));
  learner.close(patience);

  BOOST_TEST(folder.open().summary().value().tokens == 100'000);
}

BOOST_AUTO_TEST_CASE(two_settings_of_one_database_share_its_learner) {
  const DatabaseFolder folder;
  Learners learners;

  const auto one = learners.of({.database = folder.path()});
  const auto same = learners.of({.database = folder.path() + "/", .most_tokens = 5});

  BOOST_TEST(one == same);
  BOOST_TEST(one != learners.of({.database = folder.path() + "/other"}));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace postern
