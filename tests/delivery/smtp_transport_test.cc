#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "gateway/base/bytes.h"
#include "gateway/mail/command.h"
#include "tests/delivery/fixture.h"

using namespace postern;
using test::codes;
using test::Fixture;
using test::ScriptedServer;
using test::statuses;

namespace {

const std::string hello = "S: 220 store\nC: EHLO gate.example\nS: 250-store\nS: 250 PIPELINING\n";
const std::string slow_hello = "S: 220 store\nC: EHLO gate.example\nS: 250 store\n";
const std::string one_message =
    "C: MAIL FROM:<sender@example.org>\nC: RCPT TO:<one@example.com>\nC: DATA\n"
    "S: 250 ok\nS: 250 ok\nS: 354 go\nD:\nS: 250 2.0.0 stored\n";

std::string offering(const std::string& keywords) {
  std::string out = "S: 220 store\nC: EHLO gate.example\nS: 250-store\n";
  for (const auto word : split(keywords, ',')) out += "S: 250-" + std::string(word) + "\n";
  return out + "S: 250 PIPELINING\n";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(smtp_transport)

BOOST_AUTO_TEST_CASE(mail_rcpt_and_data_leave_before_any_answer_where_pipelining_is_offered) {
  ScriptedServer server({hello + one_message + "C: QUIT\n"});
  Fixture f;

  const auto outcome = f.deliver_once(Fixture::smtp_to(server.port()));

  BOOST_TEST(server.finish() == "");
  BOOST_TEST(codes(outcome) == "250");
  BOOST_TEST(outcome.recipients[0].reply.text == "stored");
  BOOST_TEST(outcome.reached);
  BOOST_TEST(outcome.remote == server.endpoint().text());
  BOOST_TEST(server.received()[0] == f.content + ".\r\n");
}

BOOST_AUTO_TEST_CASE(without_pipelining_each_command_waits_for_its_answer) {
  ScriptedServer server({slow_hello + "C: MAIL FROM:<sender@example.org>\nQ:\nS: 250 ok\n"
                                      "C: RCPT TO:<one@example.com>\nQ:\nS: 250 ok\n"
                                      "C: RCPT TO:<two@example.com>\nQ:\nS: 250 ok\n"
                                      "C: DATA\nQ:\nS: 354 go\nD:\nS: 250 ok\nC: QUIT\n"});
  Fixture f;
  f.recipient("two@example.com");

  const auto outcome = f.deliver_once(Fixture::smtp_to(server.port()));

  BOOST_TEST(server.finish() == "");
  BOOST_TEST(codes(outcome) == "250 250");
}

BOOST_AUTO_TEST_CASE(a_server_that_knows_no_ehlo_is_asked_with_helo) {
  ScriptedServer server(
      {"S: 220 old\nC: EHLO gate.example\nS: 502 what?\nC: HELO gate.example\n"
       "S: 250 old\nC: MAIL FROM:<sender@example.org>\nQ:\nS: 250 ok\n"
       "C: RCPT TO:<one@example.com>\nS: 250 ok\nC: DATA\nS: 354 go\nD:\n"
       "S: 250 ok\nC: QUIT\n"});
  Fixture f;

  const auto outcome = f.deliver_once(Fixture::smtp_to(server.port()));

  BOOST_TEST(server.finish() == "");
  BOOST_TEST(codes(outcome) == "250");
}

BOOST_AUTO_TEST_CASE(refused_recipients_keep_their_own_replies_and_the_others_get_the_message) {
  ScriptedServer server({hello +
                         "C: MAIL*\nC: RCPT*\nC: RCPT*\nC: RCPT*\nC: DATA\nS: 250 ok\n"
                         "S: 550 5.1.1 unknown\nS: 250 ok\nS: 450 4.2.1 later\nS: 354 go\nD:\n"
                         "S: 250 2.6.0 ok\nC: QUIT\n"});
  Fixture f;
  f.recipient("two@example.com");
  f.recipient("three@example.com");

  const auto outcome = f.deliver_once(Fixture::smtp_to(server.port()));

  BOOST_TEST(server.finish() == "");
  BOOST_TEST(codes(outcome) == "550 250 450");
  BOOST_TEST(statuses(outcome) == "5.1.1 2.6.0 4.2.1");
}

BOOST_AUTO_TEST_CASE(when_all_are_refused_and_data_is_not_the_next_message_begins_with_rset) {
  ScriptedServer server({hello +
                         "C: MAIL*\nC: RCPT*\nC: DATA\nS: 250 ok\nS: 550 5.1.1 no\nS: 503 no\n"
                         "C: RSET\nC: MAIL*\nC: RCPT*\nC: DATA\nS: 250 ok\nS: 250 ok\nS: 250 ok\n"
                         "S: 354 go\nD:\nS: 250 ok\nC: QUIT\n"});
  Fixture f;

  const auto refused = f.deliver(Fixture::smtp_to(server.port()));
  const auto taken = f.deliver(Fixture::smtp_to(server.port()));
  f.close();

  BOOST_TEST(server.finish() == "");
  BOOST_TEST(codes(refused) == "550");
  BOOST_TEST(codes(taken) == "250");
}

BOOST_AUTO_TEST_CASE(when_all_are_refused_and_data_is_taken_a_lone_dot_ends_it) {
  ScriptedServer server({hello +
                         "C: MAIL*\nC: RCPT*\nC: DATA\nS: 250 ok\nS: 550 5.1.1 no\nS: 354 go\nD:\n"
                         "S: 250 nobody has it\n" +
                         one_message + "C: QUIT\n"});
  Fixture f;

  const auto refused = f.deliver(Fixture::smtp_to(server.port()));
  const auto taken = f.deliver(Fixture::smtp_to(server.port()));
  f.close();

  BOOST_TEST(server.finish() == "");
  BOOST_TEST(server.received()[0] == ".\r\n");
  BOOST_TEST(codes(refused) == "550");
  BOOST_TEST(codes(taken) == "250");
}

BOOST_AUTO_TEST_CASE(a_refused_sender_is_the_answer_for_all_recipients_whatever_rcpt_says) {
  ScriptedServer server({hello +
                         "C: MAIL*\nC: RCPT*\nC: RCPT*\nC: DATA\nS: 550 5.7.1 not you\nS: 250 ok\n"
                         "S: 250 ok\nS: 354 go\nD:\nS: 250 ok\nC: QUIT\n"});
  Fixture f;
  f.recipient("two@example.com");

  const auto outcome = f.deliver_once(Fixture::smtp_to(server.port()));

  BOOST_TEST(server.finish() == "");
  BOOST_TEST(codes(outcome) == "550 550");
  BOOST_TEST(server.received()[0] == ".\r\n");
}

BOOST_AUTO_TEST_CASE(refused_content_is_the_answer_for_those_who_were_accepted) {
  ScriptedServer server({hello +
                         "C: MAIL*\nC: RCPT*\nC: DATA\nS: 250 ok\nS: 250 ok\nS: 354 go\nD:\n"
                         "S: 554 5.7.1 spam\nC: QUIT\n"});
  Fixture f;

  const auto outcome = f.deliver_once(Fixture::smtp_to(server.port()));

  BOOST_TEST(server.finish() == "");
  BOOST_TEST(codes(outcome) == "554");
}

BOOST_AUTO_TEST_CASE(many_recipients_are_sent_in_groups_and_all_answered) {
  std::string script = hello + "C: MAIL*\n";
  for (int i = 0; i < 99; ++i) script += "C: RCPT*\n";
  script += "Q:\n";
  for (int i = 0; i < 100; ++i) script += "S: 250 ok\n";
  for (int i = 99; i < 150; ++i) script += "C: RCPT*\n";
  script += "C: DATA\n";
  for (int i = 99; i < 150; ++i) script += "S: 250 ok\n";
  ScriptedServer server({script + "S: 354 go\nD:\nS: 250 ok\nC: QUIT\n"});
  Fixture f;
  for (int i = 1; i < 150; ++i) f.recipient("r" + std::to_string(i) + "@example.com");

  const auto outcome = f.deliver_once(Fixture::smtp_to(server.port()));

  BOOST_TEST(server.finish() == "");
  const auto delivered = [](const auto& one) { return one.reply.code == 250; };
  BOOST_TEST(std::ranges::count_if(outcome.recipients, delivered) == 150);
}

BOOST_AUTO_TEST_CASE(extensions_are_used_only_where_they_are_offered) {
  const std::string bare =
      "C: MAIL FROM:<sender@example.org>\nC: RCPT TO:<one@example.com>\nC: DATA\n";
  const std::string full =
      "C: MAIL FROM:<sender@example.org> SIZE=25 RET=HDRS ENVID=id+2B1\n"
      "C: RCPT TO:<one@example.com> NOTIFY=FAILURE,DELAY ORCPT=rfc822;first+2Blast@example.com\n"
      "C: DATA\n";
  const std::string rest = "S: 250 ok\nS: 250 ok\nS: 354 go\nD:\nS: 250 ok\nC: QUIT\n";
  ScriptedServer without({hello + bare + rest});
  ScriptedServer with({offering("SIZE 1000,DSN,8BITMIME,SMTPUTF8") + full + rest});
  Fixture f;
  f.envelope.ret = "HDRS";
  f.envelope.envid = "id+2B1";
  f.envelope.recipients[0].notify = notify_failure | notify_delay;
  f.envelope.recipients[0].original = "first+last@example.com";

  f.deliver_once(Fixture::smtp_to(without.port()));
  f.deliver_once(Fixture::smtp_to(with.port()));

  BOOST_TEST(without.finish() == "");
  BOOST_TEST(with.finish() == "");
}

BOOST_AUTO_TEST_CASE(who_reports_from_here_on_depends_on_what_the_hop_offers) {
  const std::string taken =
      "C: MAIL*\nC: RCPT*\nC: DATA\nS: 250 ok\nS: 250 ok\nS: 354 go\nD:\nS: 250 ok\n";
  ScriptedServer without({hello + taken + taken + "C: QUIT\n"});
  ScriptedServer with({offering("DSN") + taken + taken + "C: QUIT\n"});
  Fixture f;

  for (int i = 0; i < 2; ++i) {  // on a new connection, and on a kept one
    const auto relayed = f.deliver(Fixture::smtp_to(without.port()));
    const auto passed_on = f.deliver(Fixture::smtp_to(with.port()));
    BOOST_TEST((relayed.recipients.at(0).handover == Handover::relayed));
    BOOST_TEST((passed_on.recipients.at(0).handover == Handover::passed_on));
  }
  f.close();

  BOOST_TEST(without.finish() == "");
  BOOST_TEST(with.finish() == "");
}

BOOST_AUTO_TEST_CASE(what_became_of_an_alias_is_not_asked_of_the_next_hop) {
  ScriptedServer server({offering("DSN") +
                         "C: MAIL*\nC: RCPT TO:<one@example.com> NOTIFY=FAILURE\n"
                         "C: RCPT TO:<two@example.com> NOTIFY=NEVER\nC: DATA\nS: 250 ok\n"
                         "S: 250 ok\nS: 250 ok\nS: 354 go\nD:\nS: 250 ok\nC: QUIT\n"});
  Fixture f;
  f.envelope.recipients[0].notify = notify_failure | notify_expanded;
  f.recipient("two@example.com").notify = notify_never | notify_expanded;

  f.deliver_once(Fixture::smtp_to(server.port()));

  BOOST_TEST(server.finish() == "");
}

BOOST_AUTO_TEST_CASE(an_archive_copy_asks_the_next_hop_for_silence) {
  ScriptedServer server({offering("DSN") +
                         "C: MAIL*\nC: RCPT TO:<one@example.com> NOTIFY=NEVER\nC: DATA\nS: 250 ok\n"
                         "S: 250 ok\nS: 354 go\nD:\nS: 250 ok\nC: QUIT\n"});
  Fixture f;
  f.envelope.recipients[0].kind = RecipientKind::archive;

  f.deliver_once(Fixture::smtp_to(server.port()));

  BOOST_TEST(server.finish() == "");
}

BOOST_AUTO_TEST_CASE(a_message_above_the_servers_size_limit_is_not_offered) {
  ScriptedServer server({offering("SIZE 20") + "C: QUIT\n"});
  Fixture f;

  const auto outcome = f.deliver_once(Fixture::smtp_to(server.port()));

  BOOST_TEST(server.finish() == "");
  BOOST_TEST(codes(outcome) == "552");
  BOOST_TEST(statuses(outcome) == "5.3.4");
}

BOOST_AUTO_TEST_CASE(eight_bit_content_is_declared_where_it_can_be_and_refused_where_not) {
  ScriptedServer with(
      {offering("8BITMIME") +
       "C: MAIL FROM:<sender@example.org> BODY=8BITMIME\nC: RCPT*\nC: DATA\nS: 250 ok\n"
       "S: 250 ok\nS: 354 go\nD:\nS: 250 ok\nC: QUIT\n"});
  ScriptedServer without({hello + "C: QUIT\n"});
  Fixture f;
  f.content = "Subject: x\r\n\r\n\xe4\r\n";

  BOOST_TEST(codes(f.deliver_once(Fixture::smtp_to(with.port()))) == "250");
  const auto refused = f.deliver_once(Fixture::smtp_to(without.port()));

  BOOST_TEST(with.finish() == "");
  BOOST_TEST(without.finish() == "");
  BOOST_TEST(codes(refused) == "554");
  BOOST_TEST(statuses(refused) == "5.6.3");
}

BOOST_AUTO_TEST_CASE(a_utf8_header_goes_only_to_a_server_with_smtputf8) {
  ScriptedServer with(
      {offering("8BITMIME,SMTPUTF8") +
       "C: MAIL FROM:<sender@example.org> BODY=8BITMIME SMTPUTF8\nC: RCPT*\nC: DATA\n"
       "S: 250 ok\nS: 250 ok\nS: 354 go\nD:\nS: 250 ok\nC: QUIT\n"});
  ScriptedServer without({offering("8BITMIME") + "C: QUIT\n"});
  Fixture f;
  f.envelope.utf8 = true;
  f.content = "Subject: \xc3\xa4\r\n\r\nbody\r\n";

  BOOST_TEST(codes(f.deliver_once(Fixture::smtp_to(with.port()))) == "250");
  const auto refused = f.deliver_once(Fixture::smtp_to(without.port()));

  BOOST_TEST(with.finish() == "");
  BOOST_TEST(without.finish() == "");
  BOOST_TEST(statuses(refused) == "5.6.7");
}

BOOST_AUTO_TEST_CASE(only_the_recipient_with_a_utf8_address_fails_without_smtputf8) {
  ScriptedServer server(
      {hello + "C: MAIL FROM:<sender@example.org>\nC: RCPT TO:<one@example.com>\nC: DATA\n"
               "S: 250 ok\nS: 250 ok\nS: 354 go\nD:\nS: 250 ok\nC: QUIT\n"});
  Fixture f;
  f.recipient("zw\xc3\xb6lf@example.com");

  const auto outcome = f.deliver_once(Fixture::smtp_to(server.port()));

  BOOST_TEST(server.finish() == "");
  BOOST_TEST(codes(outcome) == "250 553");
  BOOST_TEST(outcome.recipients[1].reply.enhanced.text() == "5.6.7");
}

BOOST_AUTO_TEST_CASE(content_with_a_bare_line_feed_never_leaves) {
  ScriptedServer server({hello + "C: QUIT\n"});
  Fixture f;
  f.content = "Subject: x\r\n\r\na\n.\r\nMAIL FROM:<evil@example.org>\r\n";

  const auto outcome = f.deliver_once(Fixture::smtp_to(server.port()));

  BOOST_TEST(server.finish() == "");
  BOOST_TEST(codes(outcome) == "451");
}

BOOST_AUTO_TEST_CASE(an_address_with_a_line_break_is_no_command) {
  ScriptedServer server({hello + "C: QUIT\n"});
  Fixture f;
  f.envelope.recipients[0].address = "one@example.com>\r\nRSET\r\nRCPT TO:<x@example.com";

  const auto outcome = f.deliver_once(Fixture::smtp_to(server.port()));

  BOOST_TEST(server.finish() == "");
  BOOST_TEST(statuses(outcome) == "5.1.3");
}

BOOST_AUTO_TEST_CASE(dots_arrive_as_they_were) {
  ScriptedServer server({hello + one_message + "C: QUIT\n"});
  Fixture f;
  f.content = ".first: line\r\n\r\n.\r\n..\r\nend.\r\n.";

  f.deliver_once(Fixture::smtp_to(server.port()));

  BOOST_TEST(server.finish() == "");
  BOOST_TEST(test::unstuffed(server.received()[0]) == f.content + "\r\n");
}

BOOST_AUTO_TEST_CASE(the_variants_fields_are_on_top_and_no_return_path_is_added_for_smtp) {
  ScriptedServer server({hello + one_message + "C: QUIT\n"});
  Fixture f;
  f.envelope.variants[0].prepend = "Received: from x by y\r\n";

  f.deliver_once(Fixture::smtp_to(server.port()));

  BOOST_TEST(server.finish() == "");
  BOOST_TEST(server.received()[0] == "Received: from x by y\r\n" + f.content + ".\r\n");
}

BOOST_AUTO_TEST_SUITE_END()
