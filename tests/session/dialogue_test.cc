#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include <algorithm>

#include "tests/session/session_fixture.h"

using namespace postern;
using test::SessionFixture;

namespace {
std::ptrdiff_t lines(const std::string& text) { return std::ranges::count(text, '\n'); }
bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}
}  // namespace

BOOST_FIXTURE_TEST_SUITE(dialogue, SessionFixture)

BOOST_AUTO_TEST_CASE(the_greeting_and_ehlo_say_who_we_are_and_what_we_can) {
  begin();
  BOOST_TEST(greeting == "220 mx.example.org ESMTP Postern\r\n");

  const std::string answer = say("EHLO client\r\n");

  BOOST_TEST(answer.starts_with("250-mx.example.org\r\n"));
  for (const char* keyword :
       {"PIPELINING", "SIZE 10240000", "8BITMIME", "ENHANCEDSTATUSCODES", "SMTPUTF8", "DSN"}) {
    BOOST_TEST(has(answer, keyword));
  }
  BOOST_TEST(!has(answer, "STARTTLS"));  // there is no certificate
  BOOST_TEST(!has(answer, "XCLIENT"));
}

BOOST_AUTO_TEST_CASE(commands_out_of_order_are_refused_with_503_and_change_nothing) {
  begin();
  BOOST_TEST(say("RCPT TO:<rcpt@example.org>\r\n").starts_with("503 5.5.1"));
  BOOST_TEST(say("DATA\r\n").starts_with("503 5.5.1"));
  say("EHLO c\r\n");
  say("MAIL FROM:<a@b.example>\r\n");
  BOOST_TEST(say("MAIL FROM:<a@b.example>\r\n").starts_with("503 5.5.1"));
  BOOST_TEST(say("DATA\r\n").starts_with("503 5.5.1"));
}

BOOST_AUTO_TEST_CASE(each_command_of_a_pipelined_group_gets_its_reply_in_order_f43) {
  begin();
  say("EHLO c\r\n");

  const std::string answer = say(
      "MAIL FROM:<a@b.example>\r\nRCPT TO:<unknown@example.org>\r\nRCPT TO:<rcpt@example.org>\r\n"
      "RCPT TO:<x@elsewhere.example>\r\nRSET\r\nNOOP\r\n");

  BOOST_TEST(lines(answer) == 6);
  BOOST_TEST(answer.starts_with("250 2.1.0"));
  BOOST_TEST(has(answer, "550 5.1.1"));
  BOOST_TEST(has(answer, "250 2.1.5"));
  BOOST_TEST(has(answer, "554 5.7.1"));
}

BOOST_AUTO_TEST_CASE(data_without_a_valid_recipient_is_refused) {
  begin();
  say("EHLO c\r\n");
  say("MAIL FROM:<a@b.example>\r\nRCPT TO:<unknown@example.org>\r\n");
  BOOST_TEST(say("DATA\r\n").starts_with("554 5.5.1"));
}

BOOST_AUTO_TEST_CASE(whoever_does_not_wait_for_354_is_cut_off) {
  begin();
  say("EHLO c\r\n");
  say("MAIL FROM:<a@b.example>\r\nRCPT TO:<rcpt@example.org>\r\n");
  BOOST_TEST(has(say("DATA\r\nSubject: x\r\n\r\n.\r\n"), "554 5.5.0"));
  BOOST_TEST(ended());
  BOOST_TEST(spool.messages.empty());
}

BOOST_AUTO_TEST_CASE(whoever_does_not_wait_for_the_answer_to_ehlo_is_cut_off) {
  begin();
  BOOST_TEST(say("EHLO c\r\nMAIL FROM:<a@b.example>\r\n").starts_with("554 5.5.0"));
  BOOST_TEST(ended());
}

BOOST_AUTO_TEST_CASE(a_size_over_the_limit_is_refused_at_mail) {
  begin();
  say("EHLO c\r\n");
  BOOST_TEST(say("MAIL FROM:<a@b.example> SIZE=99999999\r\n").starts_with("552 5.3.4"));
}

BOOST_AUTO_TEST_CASE(a_full_disk_is_452_and_a_failing_one_451_before_anything_is_sent_f10) {
  begin();
  say("EHLO c\r\n");
  spool.room = false;
  BOOST_TEST(say("MAIL FROM:<a@b.example>\r\n").starts_with("452 4.3.1"));
  spool.room = true;
  spool.is_healthy = false;
  BOOST_TEST(say("MAIL FROM:<a@b.example>\r\n").starts_with("451 4.3.0"));
}

BOOST_AUTO_TEST_CASE(too_many_errors_end_the_session_with_421) {
  smtpd.smtpd_hard_error_limit = 3;
  begin();
  std::string answer;
  for (int i = 0; i < 5 && !ended(); ++i) answer = say("BOGUS\r\n");
  BOOST_TEST(answer.starts_with("421 4.7.0"));
  BOOST_TEST(ended());
}

BOOST_AUTO_TEST_CASE(an_endless_command_line_ends_the_session_f45) {
  begin();
  const std::string answer = say(std::string(20000, 'A') + "\r\n");
  BOOST_TEST(answer.starts_with("500 5.5.2"));
  BOOST_TEST(ended());
}

BOOST_AUTO_TEST_CASE(a_web_browser_is_turned_away) {
  begin();
  BOOST_TEST(say("GET / HTTP/1.1\r\n").starts_with("421"));
  BOOST_TEST(ended());
}

BOOST_AUTO_TEST_CASE(a_stranger_may_not_use_xclient) {
  begin();
  BOOST_TEST(say("XCLIENT ADDR=192.0.2.1\r\n").starts_with("550 5.7.0"));
}

BOOST_AUTO_TEST_CASE(an_early_refusal_is_said_at_rcpt_and_spares_postmaster) {
  filters = {{Stage::connect, refuse(Verdict::reject, reply(554, {5, 7, 1}, "listed"), "dnsbl")}};
  begin();
  BOOST_TEST(greeting.starts_with("220"));
  say("EHLO c\r\n");
  say("MAIL FROM:<a@b.example>\r\n");
  BOOST_TEST(say("RCPT TO:<rcpt@example.org>\r\n") == "554 5.7.1 listed\r\n");
  BOOST_TEST(say("RCPT TO:<postmaster@example.org>\r\n").starts_with("250"));
}

BOOST_AUTO_TEST_CASE(hang_up_is_said_at_once) {
  filters = {{Stage::connect, refuse(Verdict::hang_up, reply(421, {4, 7, 0}, "too fast"), "rate")}};
  begin();
  BOOST_TEST(greeting == "421 4.7.0 too fast\r\n");
  BOOST_TEST(ended());
}

BOOST_AUTO_TEST_CASE(accept_of_a_filter_does_not_open_a_relay) {
  Opinion accept;
  accept.verdict = Verdict::accept;
  filters = {{Stage::rcpt, accept}};
  begin();
  say("EHLO c\r\n");
  say("MAIL FROM:<a@b.example>\r\n");
  BOOST_TEST(say("RCPT TO:<x@elsewhere.example>\r\n").starts_with("554 5.7.1"));
}

BOOST_AUTO_TEST_SUITE_END()
