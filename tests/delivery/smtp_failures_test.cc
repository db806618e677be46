#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include <array>

#include "tests/delivery/fixture.h"

using namespace postern;
using test::codes;
using test::Fixture;
using test::ScriptedServer;
using test::statuses;

namespace {

const std::string dialogue =
    "S: 220 store\nC: EHLO gate.example\nS= 250-store\\r\\n250 PIPELINING\\r\\n\nC: MAIL*\nC: "
    "RCPT*\n"
    "C: DATA\nS: 250 ok\nS: 250 ok\nS: 354 go\nD:\nS: 250 ok\n";
const std::string hello =
    "S: 220 store\nC: EHLO gate.example\nS= 250-store\\r\\n250 PIPELINING\\r\\n\n";

/// The dialogue up to its n-th server line, and `instead` from there on.
std::string cut(std::size_t n, const std::string& instead) {
  std::vector<std::string> out;
  for (const auto& line : test::transcript_lines(dialogue)) {
    if (line.starts_with("S") && n-- == 0) break;
    out.push_back(line);
  }
  return test::transcript_of(out) + instead;
}
constexpr std::size_t server_lines = 6;

Task<> shut_when_waiting(Loop& loop, const ScriptedServer& server, Transports& transports) {
  while (!server.waiting()) co_await loop.sleep_until(loop.now() + milliseconds(1));
  transports.shut();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(smtp_failures)

BOOST_AUTO_TEST_CASE(a_connection_closed_at_any_step_is_a_temporary_failure) {
  for (std::size_t step = 0; step < server_lines; ++step) {
    ScriptedServer server({cut(step, "X:\n")});
    Fixture f;

    const auto outcome = f.deliver_once(Fixture::smtp_to(server.port()));

    BOOST_TEST(server.finish() == "");
    BOOST_TEST(codes(outcome) == "451", "at step " << step);
    BOOST_TEST(statuses(outcome) == "4.4.2");
    BOOST_TEST(outcome.reached == (step > 1));
  }
}

BOOST_AUTO_TEST_CASE(a_421_at_any_step_is_a_temporary_failure_and_ends_the_connection) {
  for (std::size_t step = 0; step < server_lines; ++step) {
    ScriptedServer server({cut(step, "S: 421 4.3.2 going down\nW:\n")});
    Fixture f;

    const auto outcome = f.deliver(Fixture::smtp_to(server.port()));
    const bool kept = f.transports->pool().idle() > 0;
    f.close();

    BOOST_TEST(server.finish() == "");
    BOOST_TEST(codes(outcome) == "421", "at step " << step);
    BOOST_TEST(statuses(outcome) == "4.3.2");
    BOOST_TEST(!kept);
  }
}

BOOST_AUTO_TEST_CASE(a_silent_server_times_out_at_any_step) {
  constexpr std::array<milliseconds DeliverySettings::*, server_lines> patience{
      &DeliverySettings::smtp_helo_timeout,      &DeliverySettings::smtp_helo_timeout,
      &DeliverySettings::smtp_mail_timeout,      &DeliverySettings::smtp_rcpt_timeout,
      &DeliverySettings::smtp_data_init_timeout, &DeliverySettings::smtp_data_done_timeout};
  for (std::size_t step = 0; step < server_lines; ++step) {
    ScriptedServer server({cut(step, "W:\n")});
    Fixture f;
    (*f.settings).*patience[step] = milliseconds(50);

    const auto outcome = f.deliver_once(Fixture::smtp_to(server.port()));

    BOOST_TEST(statuses(outcome) == "4.4.2", "at step " << step);
    BOOST_TEST(outcome.recipients[0].reply.text.find("in time") != std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(an_unintelligible_reply_at_any_step_is_a_temporary_failure) {
  for (const std::string garbage : {"S: hello there\nW:\n", "S: 99 x\nW:\n", "S= \\r\\n\nW:\n",
                                    "S= 250-a\\r\\n251 b\\r\\n\nW:\n", "S= \\0\\0\\0\\n\nW:\n"}) {
    for (std::size_t step = 0; step < server_lines; ++step) {
      ScriptedServer server({cut(step, garbage)});
      Fixture f;

      const auto outcome = f.deliver_once(Fixture::smtp_to(server.port()));

      BOOST_TEST(server.finish() == "");
      BOOST_TEST(codes(outcome) == "451", garbage << " at step " << step);
    }
  }
}

BOOST_AUTO_TEST_CASE(endless_replies_are_given_up_early) {
  for (const std::string flood : {"F: 250-again\n", "F= xxxxxxxxxxxxxxxxxxxx\n", "F= 250 \n"}) {
    for (const std::size_t step : {0U, 1U, 5U}) {
      ScriptedServer server({cut(step, flood)});
      Fixture f;

      const auto outcome = f.deliver_once(Fixture::smtp_to(server.port()));

      BOOST_TEST(server.finish() == "");
      BOOST_TEST(statuses(outcome) == "4.4.2");
      BOOST_TEST(outcome.recipients[0].reply.text.size() < 1200U);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_long_reply_is_kept_short) {
  std::string reply = "S= ";
  for (int i = 0; i < 90; ++i) reply += "550-" + std::string(400, 'x') + "\\r\\n";
  ScriptedServer server({hello + "C: MAIL*\nC: RCPT*\nC: DATA\n" + reply + "550 end\\r\\n\n" +
                         "S: 503 no\nS: 503 no\nC: QUIT\n"});
  Fixture f;

  const auto outcome = f.deliver_once(Fixture::smtp_to(server.port()));

  BOOST_TEST(server.finish() == "");
  BOOST_TEST(codes(outcome) == "550");
  BOOST_TEST(outcome.recipients[0].reply.text.size() < 1200U);
}

BOOST_AUTO_TEST_CASE(a_5yz_greeting_does_not_bounce_the_message) {
  ScriptedServer server({"S: 554 5.7.1 go away\nW:\n"});
  Fixture f;

  const auto outcome = f.deliver_once(Fixture::smtp_to(server.port()));

  BOOST_TEST(server.finish() == "");
  BOOST_TEST(codes(outcome) == "454");
  BOOST_TEST(statuses(outcome) == "4.7.1");
  BOOST_TEST(!outcome.reached);
}

BOOST_AUTO_TEST_CASE(a_positive_reply_where_none_can_be_is_a_temporary_failure) {
  ScriptedServer to_data(
      {hello + "C: MAIL*\nC: RCPT*\nC: DATA\nS: 250 ok\nS: 250 ok\nS: 250 ok\nW:\n"});
  ScriptedServer to_rcpt(
      {hello + "C: MAIL*\nC: RCPT*\nC: DATA\nS: 250 ok\nS: 354 go\nS: 503 no\nC: QUIT\n"});
  ScriptedServer to_dot({cut(5, "S: 354 more\nW:\n")});
  Fixture f;

  BOOST_TEST(codes(f.deliver_once(Fixture::smtp_to(to_data.port()))) == "451");
  BOOST_TEST(codes(f.deliver_once(Fixture::smtp_to(to_rcpt.port()))) == "451");
  BOOST_TEST(codes(f.deliver_once(Fixture::smtp_to(to_dot.port()))) == "451");

  BOOST_TEST(to_data.finish() == "");
  BOOST_TEST(to_rcpt.finish() == "");
  BOOST_TEST(to_dot.finish() == "");
}

BOOST_AUTO_TEST_CASE(a_refusal_that_was_said_before_the_connection_broke_stays) {
  ScriptedServer server(
      {hello + "C: MAIL*\nC: RCPT*\nC: RCPT*\nC: DATA\nS: 250 ok\nS: 550 5.1.1 no\nX:\n"});
  Fixture f;
  f.recipient("two@example.com");

  const auto outcome = f.deliver_once(Fixture::smtp_to(server.port()));

  BOOST_TEST(server.finish() == "");
  BOOST_TEST(codes(outcome) == "550 451");
}

BOOST_AUTO_TEST_CASE(nobody_listening_is_4_4_1_and_not_reached) {
  std::uint16_t port = 0;
  {
    const auto taken = listen_on(Endpoint{"127.0.0.1", 0}, 1, false);
    port = local_endpoint(taken->get()).port;
  }
  Fixture f;

  const auto outcome = f.deliver_once(Fixture::smtp_to(port));

  BOOST_TEST(statuses(outcome) == "4.4.1");
  BOOST_TEST(!outcome.reached);
}

BOOST_AUTO_TEST_CASE(shutting_down_wakes_a_delivery_that_waits) {
  ScriptedServer server({hello + "C: MAIL*\nC: RCPT*\nC: DATA\nS: 250 ok\nS: 250 ok\nW:\n"});
  Fixture f;
  f.transports = std::make_unique<Transports>(f.context(), f.threads);
  TaskGroup beside;
  beside.spawn(shut_when_waiting(f.loop, server, *f.transports));

  const auto outcome = f.deliver_once(Fixture::smtp_to(server.port()));

  BOOST_TEST(server.finish() == "");
  BOOST_TEST(statuses(outcome) == "4.4.2");
}

BOOST_AUTO_TEST_SUITE_END()
