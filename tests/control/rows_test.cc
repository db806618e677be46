#define BOOST_TEST_DYN_LINK
#include "gateway/control/rows.h"

#include <algorithm>
#include <boost/test/unit_test.hpp>

#include "tests/control/summary.h"

using namespace postern;
using test::noon;
using test::Summary;

namespace {

std::string row_of(const Summary& message, const Standing& standing = {}) {
  std::string out;
  append_message_row(out, message.view(), standing);
  return out;
}

Standing standing_of(const Summary& message, const Whereabouts& where) {
  const SteadyTime now(std::chrono::hours(50));
  // Views into `where` would outlive it here.
  Standing out = postern::standing_of(message.view(), where, {now, noon});
  out.reason = {};
  return out;
}

const SteadyTime in_an_hour(std::chrono::hours(51));

}  // namespace

BOOST_AUTO_TEST_SUITE(rows)

BOOST_AUTO_TEST_CASE(a_row_has_its_columns_in_the_order_of_the_heading) {
  Summary message;
  message.last_reply = "451 4.7.1 later";
  message.attempts = 3;
  message.recipients = "one@home.example\ntwo@home.example\n";

  const std::string row = row_of(message, {QueueState::deferred, noon + seconds(90), "asleep"});

  BOOST_TEST(row == MessageId{77}.text() +
                        "\tdeferred\t2027-01-15T08:00:00Z\t4000\t3\t2027-01-15T08:01:30Z\t"
                        "sender@away.example\tone@home.example,two@home.example\tasleep\t"
                        "451 4.7.1 later\n");
  BOOST_TEST(std::ranges::count(row, '\t') == std::ranges::count(message_heading, '\t'));
}

BOOST_AUTO_TEST_CASE(what_a_stranger_wrote_never_makes_a_column_or_a_row) {
  Summary message;
  message.sender = "a\tb\nc\x1b[2J@x";
  message.recipients = "q\tr@x\ns@x\n";
  message.last_reply = "451\ta\r\n\xff";
  message.hold = "\n";

  const std::string row = row_of(message, {QueueState::hold, {}, message.hold});

  BOOST_TEST(std::ranges::count(row, '\t') == 9);
  BOOST_TEST(std::ranges::count(row, '\n') == 1);
  BOOST_TEST(std::ranges::none_of(row, [](char c) { return c == '\x1b' || c == '\r'; }));
}

BOOST_AUTO_TEST_CASE(a_cell_without_anything_to_say_is_a_dash_and_the_null_sender_is_written_so) {
  Summary message;
  message.sender = "";

  BOOST_TEST(row_of(message).ends_with("\t-\t<>\tone@home.example\t-\t-\n"));
}

BOOST_AUTO_TEST_CASE(a_thousand_recipients_are_cut_short) {
  Summary message;
  message.recipients.clear();
  for (int i = 0; i < 1000; ++i) message.recipients += "recipient@home.example\n";

  BOOST_TEST(row_of(message).size() < 1000);
}

BOOST_AUTO_TEST_CASE(json_is_whole_and_utf8_whatever_the_message_says) {
  Summary message;
  message.sender = "\xff\"\n@x";
  message.recipients = "one@home.example\ntwo@home.example\n";
  std::string line;

  append_message_json(line, message.view(), {QueueState::deferred, noon, "asleep"});

  BOOST_TEST(line.find(R"("sender":"\\xff\\x22\\x0a@x")") != std::string::npos);
  BOOST_TEST(line.find(R"("recipients":["one@home.example","two@home.example"])") !=
             std::string::npos);
  BOOST_TEST(line.find(R"("next":1800000000)") != std::string::npos);
  BOOST_TEST(std::ranges::count(line, '\n') == 1);
}

BOOST_AUTO_TEST_CASE(a_deferred_message_shows_the_time_that_the_spool_remembers) {
  Summary message;
  message.attempts = 1;
  message.next = noon + std::chrono::hours(1) + milliseconds(7);

  const Standing standing = standing_of(message, {Whereabouts::State::time, in_an_hour, {}});

  BOOST_TEST((standing.state == QueueState::deferred));
  BOOST_TEST((standing.next == message.next));
}

BOOST_AUTO_TEST_CASE(f15_where_the_clock_was_set_the_schedulers_time_is_shown) {
  Summary message;
  message.attempts = 1;
  message.next = noon + std::chrono::days(400);

  const Standing standing = standing_of(message, {Whereabouts::State::time, in_an_hour, {}});

  BOOST_TEST((standing.next == noon + std::chrono::hours(1)));
}

BOOST_AUTO_TEST_CASE(what_waits_behind_a_dead_destination_shows_its_probe_and_reason_even_untried) {
  Summary fresh;
  const Whereabouts parked{Whereabouts::State::turn, in_an_hour, "mx.example: connection refused"};

  const Standing standing =
      postern::standing_of(fresh.view(), parked, {SteadyTime(std::chrono::hours(50)), noon});

  BOOST_TEST((standing.state == QueueState::deferred));
  BOOST_TEST((standing.next == noon + std::chrono::hours(1)));
  BOOST_TEST(standing.reason == "mx.example: connection refused");
}

BOOST_AUTO_TEST_CASE(active_and_held_messages_have_no_next_attempt) {
  Summary tried;
  tried.attempts = 2;
  tried.next = noon - seconds(1);
  Summary held = tried;
  held.hold = "looks odd";
  const Whereabouts active{Whereabouts::State::active, SteadyTime::max(), {}};
  const Whereabouts unknown{};

  BOOST_TEST((standing_of(tried, active).state == QueueState::active));
  BOOST_TEST((standing_of(tried, active).next == WallTime{}));
  BOOST_TEST((standing_of(held, unknown).state == QueueState::hold));
  BOOST_TEST((standing_of(held, unknown).next == WallTime{}));
  BOOST_TEST((standing_of({}, unknown).state == QueueState::active));
}

BOOST_AUTO_TEST_SUITE_END()
