#define BOOST_TEST_DYN_LINK
#include "gateway/control/storm.h"

#include <boost/test/unit_test.hpp>

#include "tests/control/storm_fixture.h"

using namespace postern;
using namespace postern::test;
using std::chrono::hours;
using std::chrono::minutes;
using Lines = std::vector<std::string>;

namespace {

constexpr auto gentle = StormPreset::gentle;
constexpr auto brute = StormPreset::brute;

/// 100 messages for each number of failed attempts from 0 to 3.
struct FullQueue : StormyGateway {
  FullQueue() {
    for (int i = 0; i < 400; ++i) add("s@away.example", static_cast<std::uint32_t>(i % 4));
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(storm)

BOOST_FIXTURE_TEST_CASE(brute_parks_all_that_has_failed_and_off_brings_it_all_back, FullQueue) {
  const auto before = spool.messages;

  const auto done = on(brute, "bot on 10.0.0.66");

  BOOST_REQUIRE(done.has_value());
  BOOST_TEST(*done == 300U);
  for (const auto& [id, message] : spool.messages) {
    const bool failed = message.envelope.attempts > 0;
    BOOST_TEST(message.envelope.hold == (failed ? "parked: storm brute: bot on 10.0.0.66" : ""));
  }

  const auto undone = off();

  BOOST_REQUIRE(undone.has_value());
  BOOST_TEST(*undone == 300U);
  BOOST_REQUIRE(spool.messages.size() == before.size());
  for (const auto& [id, message] : before) {
    BOOST_TEST(envelope(id).hold.empty());
    BOOST_TEST(envelope(id).attempts == message.envelope.attempts);
    BOOST_TEST(envelope(id).last_reply == message.envelope.last_reply);
  }
}

BOOST_FIXTURE_TEST_CASE(gentle_lets_what_has_failed_only_once_go_on, FullQueue) {
  BOOST_REQUIRE(on(gentle).has_value());

  BOOST_TEST(count_parked() == 200U);
  for (const auto& [id, message] : spool.messages)
    BOOST_TEST(parked(id) == (message.envelope.attempts >= 2));
}

BOOST_FIXTURE_TEST_CASE(steps_are_told_in_order_and_undone_in_the_reverse, FullQueue) {
  BOOST_REQUIRE(on(brute).has_value());
  const Lines doing{"park done 300", "lifetimes done 0", "bounces done 0", "clients done 0",
                    "inside done 0"};
  BOOST_TEST(told == doing, boost::test_tools::per_element());

  BOOST_REQUIRE(off().has_value());
  const Lines undoing{"inside undone 0", "clients undone 0", "bounces undone 0",
                      "lifetimes undone 0", "park undone 300"};
  BOOST_TEST(told == undoing, boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(on_twice_parks_what_has_been_deferred_since_and_off_twice_does_nothing,
                        FullQueue) {
  BOOST_REQUIRE(on(brute).has_value());
  add("late@away.example", 1);

  BOOST_TEST(*on(brute) == 1U);
  BOOST_TEST(told.front() == "park done again 1");
  BOOST_TEST(*off() == 301U);
  BOOST_TEST(*off() == 0U);
  BOOST_TEST(count_parked() == 0U);
}

BOOST_FIXTURE_TEST_CASE(from_brute_to_gentle_only_what_gentle_has_not_is_undone, FullQueue) {
  BOOST_REQUIRE(on(brute).has_value());

  BOOST_REQUIRE(on(gentle).has_value());

  const Lines wanted{"clients undone 0", "bounces undone 0", "park done again 0",
                     "lifetimes done again 0", "inside done again 0"};
  BOOST_TEST(told == wanted, boost::test_tools::per_element());
  BOOST_TEST(count_parked() == 300U);
  BOOST_TEST(!storm->in_force(StormStep::clients));
  BOOST_TEST(storm->in_force(StormStep::inside) == &measures_of(gentle));
}

BOOST_FIXTURE_TEST_CASE(lifetimes_are_the_storms_while_it_is_on_whatever_a_reload_brings,
                        StormyGateway) {
  RetrySettings reloaded = configured;
  reloaded.maximal_queue_lifetime = hours(3);
  BOOST_TEST((storm->retry(configured).maximal_queue_lifetime == hours(5 * 24)));

  BOOST_REQUIRE(on(brute).has_value());

  BOOST_TEST(applied > 0);
  BOOST_TEST((storm->retry(configured).maximal_queue_lifetime == hours(12)));
  BOOST_TEST((storm->retry(reloaded).maximal_queue_lifetime == hours(3)));
  BOOST_REQUIRE(off().has_value());
  BOOST_TEST((storm->retry(configured).maximal_queue_lifetime == hours(5 * 24)));
}

BOOST_FIXTURE_TEST_CASE(a_storm_is_still_on_after_a_restart_and_can_be_undone_there, FullQueue) {
  for (SteadyTime from = clock.steady(); clock.steady() < from + hours(48); clock.pass(minutes(1)))
    for (int i = 0; i < 300; ++i) usual->arrived("192.0.2.8", clock.steady());
  BOOST_REQUIRE(on(brute, "why \"not\"").has_value());

  restart();

  BOOST_TEST((storm->retry(configured).maximal_queue_lifetime == hours(12)));
  BOOST_TEST(storm->in_force(StormStep::clients));
  BOOST_TEST(status().front() == "storm on 0");
  BOOST_TEST(status()[1] == "park in force 300");
  BOOST_TEST(usual->judge("192.0.2.8", 4, clock.steady()).usual > 250);
  BOOST_TEST(*off() == 300U);
  restart();
  BOOST_TEST(status().front() == "storm off 0");
}

BOOST_FIXTURE_TEST_CASE(a_step_that_cannot_be_noted_is_not_done, FullQueue) {
  history->inject({DiskHistory::Kind::write, "orders.json.new", ENOSPC, 0, 1});

  const auto done = on(brute);

  BOOST_REQUIRE(!done.has_value());
  BOOST_TEST((done.error().code == std::errc::no_space_on_device));
  BOOST_TEST(count_parked() == 0U);
  BOOST_TEST(status().front() == "storm off 0");
  BOOST_TEST(applied == 0);
}

BOOST_FIXTURE_TEST_CASE(an_off_that_a_crash_interrupts_goes_on_after_the_restart, FullQueue) {
  BOOST_REQUIRE(on(brute).has_value());
  // It has noted that it ends, and gets no further.
  history->inject({DiskHistory::Kind::write, "orders.json.new", ENOSPC, 1, 1});
  BOOST_REQUIRE(!off().has_value());
  BOOST_TEST(count_parked() == 300U);

  restart();
  BOOST_TEST(status().front() == "storm ending 0");
  TaskGroup tasks;
  tasks.spawn(storm->run());
  for (int i = 0; i < 2000 && count_parked() > 0; ++i) {
    loop.poll();
    std::this_thread::sleep_for(milliseconds(1));
  }

  BOOST_TEST(count_parked() == 0U);
}

BOOST_FIXTURE_TEST_CASE(mail_held_by_hand_is_neither_parked_nor_released, StormyGateway) {
  const MessageId held = add("s@away.example", 3, minutes(5), "looks odd");

  BOOST_REQUIRE(on(brute).has_value());
  BOOST_TEST(envelope(held).hold == "looks odd");
  BOOST_REQUIRE(off().has_value());
  BOOST_TEST(envelope(held).hold == "looks odd");
}

BOOST_FIXTURE_TEST_CASE(brute_removes_deferred_bounces_that_are_old_and_gentle_none,
                        StormyGateway) {
  const MessageId old_bounce = add("", 1, minutes(11));
  const MessageId parked_bounce = add("", 2, minutes(30), "parked: storm gentle");
  const MessageId young_bounce = add("", 1, minutes(2));
  const MessageId untried_bounce = add("", 0, minutes(30));
  const MessageId held_bounce = add("", 1, minutes(30), "evidence");
  const MessageId mail = add("s@away.example", 1, minutes(30));

  BOOST_REQUIRE(on(gentle).has_value());
  BOOST_TEST(spool.messages.size() == 6U);
  BOOST_REQUIRE(on(brute).has_value());

  BOOST_TEST(!exists(old_bounce));
  BOOST_TEST(!exists(parked_bounce));
  for (const MessageId id : {young_bounce, untried_bounce, held_bounce, mail})
    BOOST_TEST(exists(id));
}

BOOST_FIXTURE_TEST_CASE(brute_removes_young_bounces_whose_domain_could_not_be_looked_up_twice,
                        StormyGateway) {
  const MessageId twice = add("", 2, minutes(1));
  envelope(twice).last_reply =
      "451 4.4.3 cannot look up the mail hosts of forged.example: SERVFAIL";
  const MessageId once = add("", 1, minutes(1));
  envelope(once).last_reply = envelope(twice).last_reply;

  BOOST_REQUIRE(on(brute).has_value());

  BOOST_TEST(!exists(twice));
  BOOST_TEST(exists(once));
}

BOOST_FIXTURE_TEST_CASE(a_reason_that_is_too_long_is_refused_and_nothing_is_done, FullQueue) {
  BOOST_TEST(!on(brute, std::string(201, 'x')).has_value());
  BOOST_TEST(count_parked() == 0U);
}

BOOST_FIXTURE_TEST_CASE(mail_parked_by_a_storm_that_nobody_remembers_is_let_go_by_off,
                        StormyGateway) {
  const MessageId id = add("s@away.example", 2, minutes(5), "parked: storm brute: long ago");

  BOOST_TEST(*off() == 1U);

  BOOST_TEST(envelope(id).hold.empty());
}

BOOST_AUTO_TEST_SUITE_END()
