#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include <algorithm>

#include "tests/session/session_fixture.h"

using namespace postern;
using test::SessionFixture;

namespace {
const std::string mail = "Subject: hello\r\n\r\nbody\r\n..dot\r\n";
const std::string stored = "Subject: hello\r\n\r\nbody\r\n.dot\r\n";

Opinion with(Change change) {
  Opinion opinion;
  opinion.changes.push_back(std::move(change));
  return opinion;
}
}  // namespace

BOOST_FIXTURE_TEST_SUITE(acceptance, SessionFixture)

BOOST_AUTO_TEST_CASE(what_was_acknowledged_is_in_the_spool_octet_for_octet) {
  begin();
  const std::string answer = send_mail(mail.substr(0, mail.size() - 2));

  BOOST_TEST(answer.starts_with("250 2.0.0 Ok: queued as "));
  BOOST_REQUIRE(spool.messages.size() == 1U);
  const auto& [id, message] = *spool.messages.begin();
  BOOST_TEST(answer.find(id.text()) != std::string::npos);
  BOOST_TEST(*message.content == stored);
  BOOST_TEST(message.envelope.sender == "sender@example.net");
  BOOST_TEST(message.envelope.recipients.front().address == "rcpt@example.org");
  BOOST_TEST(
      message.envelope.variants.front().prepend.starts_with("Received: from client.example.net"));
  BOOST_TEST(queued.size() == 1U);
}

BOOST_AUTO_TEST_CASE(without_a_synced_record_there_is_no_250_f11) {
  begin();
  spool.failure = Error{std::make_error_code(std::errc::io_error), "fsync"};
  BOOST_TEST(send_mail(mail).starts_with("451 4.3.0"));
  BOOST_TEST(queued.empty());
  spool.failure = Error{std::make_error_code(std::errc::no_space_on_device), "full"};
  say("RSET\r\n");
  BOOST_TEST(send_mail(mail).starts_with("452 4.3.1"));
}

BOOST_AUTO_TEST_CASE(after_any_reply_to_data_the_transaction_is_over) {
  filters = {{Stage::message, refuse(Verdict::reject, reply(550, {5, 7, 1}, "virus"), "av")}};
  begin();
  BOOST_TEST(send_mail(mail) == "550 5.7.1 virus\r\n");
  BOOST_TEST(spool.messages.empty());
  BOOST_TEST(say("DATA\r\n").starts_with("503"));
  BOOST_TEST(say("RCPT TO:<rcpt@example.org>\r\n").starts_with("503"));
}

BOOST_AUTO_TEST_CASE(a_message_that_goes_in_circles_is_refused) {
  std::string loop;
  for (int i = 0; i < 60; ++i) loop += "Received: from a by b\r\n";
  begin();
  BOOST_TEST(send_mail(loop + "\r\nx").starts_with("554 5.4.6"));
}

BOOST_AUTO_TEST_CASE(fields_that_filters_ask_for_stand_below_our_received) {
  filters = {{Stage::message, with({Change::Kind::add_field, "X-Spam-Flag", "YES"})}};
  begin();
  send_mail(mail);
  const std::string& prepend = spool.messages.begin()->second.envelope.variants.front().prepend;
  BOOST_TEST(prepend.starts_with("Received:"));
  BOOST_TEST(prepend.ends_with("X-Spam-Flag: YES\r\n"));
}

BOOST_AUTO_TEST_CASE(the_archive_copy_is_in_the_same_record_and_of_the_original) {
  Opinion opinion = with({Change::Kind::archive_copy, "", "archive@example.org"});
  opinion.changes.push_back({Change::Kind::replace_field, "Subject", "[SPAM] hello"});
  filters = {{Stage::message, opinion}};
  begin();
  send_mail(mail);

  BOOST_REQUIRE(spool.messages.size() == 1U);
  const Envelope& envelope = spool.messages.begin()->second.envelope;
  const auto archive =
      std::ranges::find(envelope.recipients, RecipientKind::archive, &QueuedRecipient::kind);
  BOOST_REQUIRE((archive != envelope.recipients.end()));
  BOOST_TEST(archive->address == "archive@example.org");
  BOOST_TEST(envelope.variants[archive->variant].edits.empty());
  BOOST_TEST(envelope.variants[0].edits.size() == 1U);
}

BOOST_AUTO_TEST_CASE(what_is_for_some_recipients_is_a_variant_in_the_same_record) {
  Opinion opinion = with({Change::Kind::archive_copy, "", "archive@example.org"});
  const Change mark{Change::Kind::add_field, "X-Spam-Flag", "YES"};
  const Change report{Change::Kind::enclose, "behind", "before"};
  opinion.shares = {{.recipients = {0, 2}, .hold = "", .spam = true, .changes = {mark}},
                    {.recipients = {1}, .hold = "", .spam = false, .changes = {report}}};
  filters = {{Stage::message, opinion}};
  policy.relay_recipient_maps.entries = {"static:ok"};
  begin();
  say("EHLO client.example.net\r\n");
  say("MAIL FROM:<sender@example.net>\r\n");
  for (const std::string name : {"one", "two", "three", "four"})
    say("RCPT TO:<" + name + "@example.org>\r\n");
  say("DATA\r\n");
  BOOST_TEST(say(mail + ".\r\n").starts_with("250"));

  BOOST_REQUIRE(spool.messages.size() == 1U);
  const Envelope& envelope = spool.messages.begin()->second.envelope;
  BOOST_REQUIRE(envelope.recipients.size() == 5U);
  const auto variant = [&](std::size_t i) -> const Variant& {
    return envelope.variants[envelope.recipients[i].variant];
  };
  BOOST_TEST(variant(0).prepend.ends_with("X-Spam-Flag: YES\r\n"));
  BOOST_TEST(envelope.recipients[0].variant == envelope.recipients[2].variant);
  BOOST_REQUIRE(variant(1).edits.size() == 1U);
  BOOST_TEST((variant(1).edits[0].kind == HeaderEdit::Kind::enclose));
  BOOST_TEST(variant(1).edits[0].value == "before");
  BOOST_TEST(!variant(3).prepend.contains("X-Spam"));
  BOOST_TEST(!variant(4).prepend.contains("X-Spam"));
  BOOST_TEST(envelope.recipients[0].notify == notify_never);
  BOOST_TEST(envelope.recipients[1].notify != notify_never);
}

BOOST_AUTO_TEST_CASE(a_message_is_held_for_those_whom_a_share_names) {
  Opinion opinion;
  opinion.shares = {{.recipients = {1}, .hold = "score 9", .spam = true, .changes = {}}};
  filters = {{Stage::message, opinion}};
  policy.relay_recipient_maps.entries = {"static:ok"};
  begin();
  say("EHLO client.example.net\r\n");
  say("MAIL FROM:<sender@example.net>\r\n");
  for (const std::string name : {"one", "two"}) say("RCPT TO:<" + name + "@example.org>\r\n");
  say("DATA\r\n");
  BOOST_TEST(say(mail + ".\r\n").starts_with("250"));

  BOOST_REQUIRE(spool.messages.size() == 2U);
  for (const auto& [id, message] : spool.messages) {
    const bool held = !message.envelope.hold.empty();
    BOOST_REQUIRE(message.envelope.recipients.size() == 1U);
    BOOST_TEST(message.envelope.recipients[0].address ==
               (held ? "two@example.org" : "one@example.org"));
  }
}

BOOST_AUTO_TEST_CASE(a_quarantined_message_is_held_with_its_reason_and_its_archive_copy_is_not) {
  Opinion opinion = with({Change::Kind::archive_copy, "", "archive@example.org"});
  opinion.verdict = Verdict::quarantine;
  opinion.reason = "virus";
  filters = {{Stage::message, opinion}};
  begin();
  BOOST_TEST(send_mail(mail).starts_with("250"));

  BOOST_REQUIRE(spool.messages.size() == 2U);
  int held = 0;
  for (const auto& [id, message] : spool.messages) {
    const bool archive = message.envelope.recipients.front().kind == RecipientKind::archive;
    BOOST_TEST(message.envelope.hold.empty() == archive);
    held += !message.envelope.hold.empty();
  }
  BOOST_TEST(held == 1);
}

BOOST_AUTO_TEST_CASE(a_discarded_message_is_answered_with_250_and_stored_nowhere) {
  Opinion opinion;
  opinion.verdict = Verdict::discard;
  filters = {{Stage::rcpt, opinion}};
  begin();
  BOOST_TEST(send_mail(mail).starts_with("250 2.0.0"));
  BOOST_TEST(spool.messages.empty());
}

BOOST_AUTO_TEST_CASE(redirect_replaces_the_recipients) {
  filters = {{Stage::mail, with({Change::Kind::redirect, "", "trap@example.org"})}};
  begin();
  send_mail(mail);
  const auto& recipients = spool.messages.begin()->second.envelope.recipients;
  BOOST_REQUIRE(recipients.size() == 1U);
  BOOST_TEST(recipients.front().address == "trap@example.org");
  BOOST_TEST(recipients.front().original == "rcpt@example.org");
}

BOOST_AUTO_TEST_CASE(nobody_is_told_that_spam_could_not_be_delivered) {
  Opinion opinion;
  opinion.score = 9;
  opinion.required = 5;
  filters = {{Stage::message, opinion}};
  begin();
  send_mail(mail);
  BOOST_TEST(spool.messages.begin()->second.envelope.recipients.front().notify == notify_never);
}

BOOST_AUTO_TEST_CASE(f85_nor_what_a_filter_held_for_its_content_even_when_it_is_released) {
  Opinion opinion;
  opinion.verdict = Verdict::quarantine;
  filters = {{Stage::message, opinion}};
  begin();
  send_mail(mail);
  BOOST_TEST(spool.messages.begin()->second.envelope.recipients.front().notify == notify_never);
}

BOOST_AUTO_TEST_CASE(what_was_held_for_its_envelope_alone_keeps_what_its_sender_asked_for) {
  Opinion opinion;
  opinion.verdict = Verdict::quarantine;
  filters = {{Stage::rcpt, opinion}};
  begin();
  send_mail(mail);
  BOOST_TEST(spool.messages.begin()->second.envelope.recipients.front().notify == 0);
}

BOOST_AUTO_TEST_CASE(an_alias_of_several_asks_for_no_success_of_each_but_is_marked) {
  policy.virtual_alias_maps.entries = {"inline:{{list@example.org=a@example.org b@example.org}}"};
  begin();
  say("EHLO c\r\n");
  say("MAIL FROM:<s@example.net>\r\nRCPT TO:<list@example.org> NOTIFY=SUCCESS,DELAY\r\n");
  say("RCPT TO:<rcpt@example.org> NOTIFY=SUCCESS\r\n");
  say("DATA\r\n");
  say(mail + ".\r\n");

  BOOST_REQUIRE(spool.messages.size() == 1U);
  const auto& recipients = spool.messages.begin()->second.envelope.recipients;
  BOOST_REQUIRE(recipients.size() == 3U);
  BOOST_TEST(recipients[0].notify == (notify_delay | notify_expanded));
  BOOST_TEST(recipients[1].notify == (notify_delay | notify_expanded));
  BOOST_TEST(recipients[2].notify == notify_success);
}

BOOST_AUTO_TEST_CASE(bare_newlines_are_refused_where_so_configured) {
  smtpd.smtpd_forbid_bare_newline = "reject";
  begin();
  BOOST_TEST(send_mail("Subject: x\n\nbody").starts_with("550 5.5.2"));
}

BOOST_AUTO_TEST_SUITE_END()
