#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include <unistd.h>

#include "tests/delivery/fixture.h"

using namespace postern;
using test::codes;
using test::Fixture;
using test::ScriptedServer;

namespace {

const std::string hello =
    "S: 220 lmtp\nC: LHLO gate.example\nS= 250-store\\r\\n250 PIPELINING\\r\\n\n";
const std::string three = "C: MAIL*\nC: RCPT*\nC: RCPT*\nC: RCPT*\nC: DATA\n";

struct Three : Fixture {
  Three() {
    recipient("two@example.com");
    recipient("three@example.com");
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(lmtp_transport)

BOOST_AUTO_TEST_CASE(each_accepted_recipient_gets_its_own_final_reply_in_order) {
  ScriptedServer server({hello + three +
                         "S: 250 ok\nS: 250 ok\nS: 550 5.1.1 unknown\nS: 250 ok\nS: 354 go\nD:\n"
                         "S: 250 2.0.0 first\nS: 452 4.2.2 third is full\nC: QUIT\n"});
  Three f;

  const auto outcome = f.deliver_once(Fixture::lmtp_to(server.port()));

  BOOST_TEST(server.finish() == "");
  BOOST_TEST(codes(outcome) == "250 550 452");
}

BOOST_AUTO_TEST_CASE(a_connection_lost_among_the_final_replies_leaves_the_rest_temporary) {
  ScriptedServer server(
      {hello + three +
       "S: 250 ok\nS: 250 ok\nS: 250 ok\nS: 250 ok\nS: 354 go\nD:\nS: 250 first\nX:\n"});
  Three f;

  const auto outcome = f.deliver_once(Fixture::lmtp_to(server.port()));

  BOOST_TEST(server.finish() == "");
  BOOST_TEST(codes(outcome) == "250 451 451");
}

BOOST_AUTO_TEST_CASE(a_421_for_one_recipient_does_not_take_back_what_follows) {
  ScriptedServer server({hello + three +
                         "S: 250 ok\nS: 250 ok\nS: 250 ok\nS: 250 ok\nS: 354 go\nD:\n"
                         "S: 421 4.3.0 not now\nS: 250 second\nS: 250 third\nW:\n"});
  Three f;

  const auto outcome = f.deliver_once(Fixture::lmtp_to(server.port()));

  BOOST_TEST(server.finish() == "");
  BOOST_TEST(codes(outcome) == "421 250 250");
}

BOOST_AUTO_TEST_CASE(data_taken_with_nobody_accepted_ends_the_connection) {
  ScriptedServer server(
      {hello + three + "S: 250 ok\nS: 550 no\nS: 550 no\nS: 550 no\nS: 354 go\nW:\n"});
  Three f;

  const auto outcome = f.deliver(Fixture::lmtp_to(server.port()));
  const std::size_t kept = f.transports->pool().idle();
  f.close();

  BOOST_TEST(server.finish() == "");
  BOOST_TEST(codes(outcome) == "550 550 550");
  BOOST_TEST(kept == 0U);
}

BOOST_AUTO_TEST_CASE(a_server_that_refuses_lhlo_is_not_asked_with_helo) {
  ScriptedServer server({"S: 220 smtp\nC: LHLO gate.example\nS: 500 5.5.1 what?\nW:\n"});
  Fixture f;

  const auto outcome = f.deliver_once(Fixture::lmtp_to(server.port()));

  BOOST_TEST(server.finish() == "");
  BOOST_TEST(!outcome.reached);
}

BOOST_AUTO_TEST_CASE(a_return_path_is_put_on_top_only_for_stores_that_write_none) {
  const std::string message =
      "C: MAIL*\nC: RCPT*\nC: DATA\nS: 250 ok\nS: 250 ok\nS: 354 go\nD:\nS: 250 ok\nC: QUIT\n";
  ScriptedServer server({hello + message, hello + message});
  Fixture f;

  f.deliver_once(Fixture::lmtp_to(server.port()));
  f.settings->lmtp_add_return_path = true;
  f.deliver_once(Fixture::lmtp_to(server.port()));

  BOOST_TEST(server.finish() == "");
  BOOST_TEST(server.received()[0] == f.content + ".\r\n");
  BOOST_TEST(server.received()[1] == "Return-Path: <sender@example.org>\r\n" + f.content + ".\r\n");
}

BOOST_AUTO_TEST_CASE(a_unix_socket_is_spoken_to_and_named_in_the_outcome) {
  const std::string path = "/tmp/postern-lmtp-test-" + std::to_string(::getpid());
  ScriptedServer server(
      {hello + "C: MAIL*\nC: RCPT*\nC: DATA\nS: 250 ok\nS: 250 ok\nS: 354 go\nD:\n"
               "S: 250 ok\nC: QUIT\n"},
      Endpoint{path, 0});
  Fixture f;
  Route route;
  route.transport = Route::Transport::lmtp;
  route.path = path;

  const auto outcome = f.deliver_once(route);
  ::unlink(path.c_str());

  BOOST_TEST(server.finish() == "");
  BOOST_TEST(codes(outcome) == "250");
  BOOST_TEST(outcome.remote == "unix:" + path);
}

BOOST_AUTO_TEST_SUITE_END()
