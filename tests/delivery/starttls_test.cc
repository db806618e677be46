#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "tests/delivery/fixture.h"

using namespace postern;
using test::codes;
using test::Fixture;
using test::ScriptedServer;

namespace {

const std::string offer =
    "S: 220 store\nC: EHLO gate.example\nS= 250-store\\r\\n250 STARTTLS\\r\\n\nC: STARTTLS\n";
const std::string pipelined =
    "C: MAIL*\nC: RCPT*\nC: DATA\nS: 250 ok\nS: 250 ok\nS: 354 go\nD:\nS: 250 ok\nC: QUIT\n";
const std::string stepwise =
    "C: MAIL*\nQ:\nS: 250 ok\nC: RCPT*\nQ:\nS: 250 ok\nC: DATA\nQ:\nS: 354 go\nD:\nS: 250 ok\nC: "
    "QUIT\n";

struct Encrypting : Fixture {
  Encrypting() { tls = *TlsContext::opportunistic_client(); }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(starttls)

BOOST_AUTO_TEST_CASE(what_is_offered_under_tls_counts_and_the_cipher_is_told) {
  ScriptedServer server(
      {offer + "S: 220 go\nT:\nC: EHLO gate.example\nS= 250-store\\r\\n250 PIPELINING\\r\\n\n" +
       pipelined});
  Encrypting f;

  const auto outcome = f.deliver_once(Fixture::smtp_to(server.port()));

  BOOST_TEST(server.finish() == "");
  BOOST_TEST(codes(outcome) == "250");
  BOOST_TEST(outcome.tls.starts_with("TLSv1.3 "));
}

BOOST_AUTO_TEST_CASE(a_second_message_goes_over_the_kept_encrypted_connection) {
  const std::string message =
      "C: MAIL*\nC: RCPT*\nC: DATA\nS: 250 ok\nS: 250 ok\nS: 354 go\nD:\nS: 250 ok\n";
  ScriptedServer server(
      {offer + "S: 220 go\nT:\nC: EHLO gate.example\nS= 250-store\\r\\n250 PIPELINING\\r\\n\n" +
       message + message + "C: QUIT\n"});
  Encrypting f;

  f.deliver(Fixture::smtp_to(server.port()));
  const auto outcome = f.deliver_once(Fixture::smtp_to(server.port()));

  BOOST_TEST(server.finish() == "");
  BOOST_TEST(codes(outcome) == "250");
  BOOST_TEST(!outcome.tls.empty());
}

BOOST_AUTO_TEST_CASE(replies_slipped_in_before_the_handshake_are_not_believed) {
  ScriptedServer server(
      {offer +
       "S= 220 go\\r\\n250-fake\\r\\n250 PIPELINING\\r\\n\nT:\nC: EHLO gate.example\nQ:\n"
       "S: 250 store\n" +
       stepwise});
  Encrypting f;

  const auto outcome = f.deliver_once(Fixture::smtp_to(server.port()));

  BOOST_TEST(server.finish() == "");
  BOOST_TEST(codes(outcome) == "250");
}

BOOST_AUTO_TEST_CASE(a_failed_handshake_is_followed_by_plain_text_on_a_new_connection) {
  ScriptedServer server(
      {offer + "S: 220 go\nS: this is not TLS\nW:\n",
       "S: 220 store\nC: EHLO gate.example\nS= 250-STARTTLS\\r\\n250 PIPELINING\\r\\n\n" +
           pipelined});
  Encrypting f;

  const auto outcome = f.deliver_once(Fixture::smtp_to(server.port()));

  BOOST_TEST(server.finish() == "");
  BOOST_TEST(codes(outcome) == "250");
  BOOST_TEST(outcome.tls == "");
}

BOOST_AUTO_TEST_CASE(a_refused_starttls_goes_on_in_plain_text) {
  ScriptedServer server({offer + "S: 454 4.7.0 no key\n" + stepwise});
  Encrypting f;

  const auto outcome = f.deliver_once(Fixture::smtp_to(server.port()));

  BOOST_TEST(server.finish() == "");
  BOOST_TEST(codes(outcome) == "250");
}

BOOST_AUTO_TEST_CASE(without_a_context_starttls_is_not_asked_for) {
  ScriptedServer server(
      {"S: 220 store\nC: EHLO gate.example\nS= 250-store\\r\\n250 STARTTLS\\r\\n\n" + stepwise});
  Fixture f;

  BOOST_TEST(codes(f.deliver_once(Fixture::smtp_to(server.port()))) == "250");
  BOOST_TEST(server.finish() == "");
}

BOOST_AUTO_TEST_SUITE_END()
