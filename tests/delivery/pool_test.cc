#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "tests/delivery/fixture.h"

using namespace postern;
using test::codes;
using test::Fixture;
using test::ScriptedServer;

namespace {

const std::string hello =
    "S: 220 store\nC: EHLO gate.example\nS= 250-store\\r\\n250 PIPELINING\\r\\n\n";
const std::string message =
    "C: MAIL*\nC: RCPT*\nC: DATA\nS: 250 ok\nS: 250 ok\nS: 354 go\nD:\nS: 250 ok\n";

Task<> until_none_is_idle(Loop& loop, ConnectionPool& pool) {
  while (pool.idle() > 0) co_await loop.sleep_until(loop.now() + milliseconds(5));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(pool)

BOOST_AUTO_TEST_CASE(three_messages_go_over_one_connection_without_anything_between_them) {
  ScriptedServer server({hello + message + message + message + "C: QUIT\n"});
  Fixture f;

  for (int i = 0; i < 3; ++i)
    BOOST_TEST(codes(f.deliver(Fixture::smtp_to(server.port()))) == "250");
  BOOST_TEST(f.transports->pool().idle() == 1U);
  f.close();

  BOOST_TEST(server.finish() == "");
}

BOOST_AUTO_TEST_CASE(a_connection_that_has_carried_enough_is_closed_with_quit) {
  ScriptedServer server({hello + message + message + "C: QUIT\n", hello + message + "C: QUIT\n"});
  Fixture f;
  f.settings->smtp_connection_reuse_count_limit = 2;

  for (int i = 0; i < 3; ++i)
    BOOST_TEST(codes(f.deliver(Fixture::smtp_to(server.port()))) == "250");
  f.close();

  BOOST_TEST(server.finish() == "");
}

BOOST_AUTO_TEST_CASE(a_kept_connection_that_died_is_replaced_at_once) {
  ScriptedServer server({hello + message + "X:\n", hello + message + "C: QUIT\n"});
  Fixture f;

  BOOST_TEST(codes(f.deliver(Fixture::smtp_to(server.port()))) == "250");
  BOOST_TEST(codes(f.deliver(Fixture::smtp_to(server.port()))) == "250");
  f.close();

  BOOST_TEST(server.finish() == "");
}

BOOST_AUTO_TEST_CASE(a_421_to_mail_on_a_kept_connection_is_no_failure) {
  ScriptedServer server({hello + message + "C: MAIL*\nC: RCPT*\nC: DATA\nS: 421 4.4.2 idle\nX:\n",
                         hello + message + "C: QUIT\n"});
  Fixture f;

  f.deliver(Fixture::smtp_to(server.port()));
  const auto outcome = f.deliver(Fixture::smtp_to(server.port()));
  f.close();

  BOOST_TEST(server.finish() == "");
  BOOST_TEST(codes(outcome) == "250");
}

BOOST_AUTO_TEST_CASE(a_kept_connection_that_dies_after_an_answer_is_not_repeated) {
  ScriptedServer server({hello + message + "C: MAIL*\nC: RCPT*\nC: DATA\nS: 250 ok\nX:\n"});
  Fixture f;

  f.deliver(Fixture::smtp_to(server.port()));
  const auto outcome = f.deliver(Fixture::smtp_to(server.port()));
  f.close();

  BOOST_TEST(server.finish() == "");
  BOOST_TEST(codes(outcome) == "451");
}

BOOST_AUTO_TEST_CASE(a_connection_with_an_unasked_reply_is_not_kept) {
  ScriptedServer server({hello +
                         "C: MAIL*\nC: RCPT*\nC: DATA\nS: 250 ok\nS: 250 ok\nS: 354 go\nD:\n"
                         "S= 250 ok\\r\\n250 and this\\r\\n\nW:\n"});
  Fixture f;

  BOOST_TEST(codes(f.deliver(Fixture::smtp_to(server.port()))) == "250");
  const std::size_t kept = f.transports->pool().idle();
  f.close();

  BOOST_TEST(kept == 0U);
  BOOST_TEST(server.finish() == "");
}

BOOST_AUTO_TEST_CASE(a_connection_that_was_refused_at_the_greeting_is_not_kept) {
  ScriptedServer server({"S: 554 5.3.2 not now\nC: QUIT\n", hello + message + "C: QUIT\n"});
  Fixture f;

  BOOST_TEST(codes(f.deliver(Fixture::smtp_to(server.port()))) == "454");
  BOOST_TEST(codes(f.deliver(Fixture::smtp_to(server.port()))) == "250");
  f.close();

  BOOST_TEST(server.finish() == "");
}

BOOST_AUTO_TEST_CASE(an_idle_connection_is_closed_with_quit_when_its_time_is_over) {
  ScriptedServer server({hello + message + "C: QUIT\n"});
  Fixture f;
  f.settings->smtp_connection_cache_time_limit = milliseconds(20);

  f.deliver(Fixture::smtp_to(server.port()));
  test::run_task(f.loop, until_none_is_idle(f.loop, f.transports->pool()));

  BOOST_TEST(server.finish() == "");
}

BOOST_AUTO_TEST_CASE(zero_keeps_no_connection) {
  ScriptedServer server({hello + message + "C: QUIT\n", hello + message + "C: QUIT\n"});
  Fixture f;
  f.settings->smtp_connection_cache_time_limit = milliseconds(0);

  f.deliver(Fixture::smtp_to(server.port()));
  f.deliver(Fixture::smtp_to(server.port()));

  BOOST_TEST(server.finish() == "");
}

BOOST_AUTO_TEST_CASE(lmtp_and_smtp_connections_to_one_address_are_not_mixed) {
  ScriptedServer server({hello + message + "W:\n"});
  Fixture f;
  f.deliver(Fixture::smtp_to(server.port()));

  ConnectionPool& pool = f.transports->pool();
  const bool lmtp = static_cast<bool>(pool.take({Dialect::lmtp, "127.0.0.1", server.endpoint()}));
  const bool smtp = static_cast<bool>(pool.take({Dialect::smtp, "127.0.0.1", server.endpoint()}));
  f.close();

  BOOST_TEST(!lmtp);
  BOOST_TEST(smtp);
  BOOST_TEST(server.finish() == "");
}

BOOST_AUTO_TEST_SUITE_END()
