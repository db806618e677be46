// notices_test.cc — who hears that mail was delivered, or is late: the rules of RFC 3461.
#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "gateway/delivery/notices.h"
#include "gateway/mail/command.h"
#include "gateway/mail/dsn.h"

using namespace postern;

namespace {

constexpr WallTime now{seconds(1'000'000)};

struct Message {
  NoticeSettings settings;
  Envelope envelope;
  std::vector<RecipientNews> news;
  Delay delay{std::chrono::hours(5), false, now + std::chrono::days(1)};
  bool warned = false;

  Message() { envelope.sender = "sender@example.org"; }
  QueuedRecipient& add(const std::string& address, std::uint8_t notify, Reply said,
                       Handover handover = Handover::delivered) {
    QueuedRecipient recipient;
    recipient.address = address;
    recipient.notify = notify;
    news.push_back({static_cast<std::uint32_t>(envelope.recipients.size()), std::move(said),
                    "mx.example.com[192.0.2.1]:25", handover});
    return envelope.recipients.emplace_back(std::move(recipient));
  }
  QueuedRecipient& taken(const std::string& address, std::uint8_t notify,
                         Handover handover = Handover::delivered) {
    return add(address, notify, reply(250, {2, 0, 0}, "ok"), handover);
  }
  QueuedRecipient& late(const std::string& address, std::uint8_t notify) {
    return add(address, notify, reply(451, {4, 4, 1}, "no connection"));
  }
  /// "address=action address=action"
  std::string successes() const {
    return text(successes_to_tell(envelope, news, warned, settings, now));
  }
  std::string delays() const { return text(delays_to_tell(envelope, news, delay, settings, now)); }

  static std::string text(const std::vector<DsnRecipient>& recipients) {
    constexpr const char* words[] = {"failed", "delayed", "delivered", "relayed", "expanded"};
    std::string out;
    for (const auto& one : recipients) {
      out += (out.empty() ? "" : " ") + one.address + "=" + words[static_cast<int>(one.action)];
    }
    return out;
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(notices)

BOOST_AUTO_TEST_CASE(only_who_asked_hears_of_success) {
  Message m;
  m.taken("asked@e", notify_success | notify_failure);
  m.taken("silent@e", 0);
  m.taken("failure@e", notify_failure | notify_delay);
  m.taken("never@e", notify_never);

  BOOST_TEST(m.successes() == "asked@e=delivered");
}

BOOST_AUTO_TEST_CASE(
    a_hop_that_sends_reports_itself_is_not_anticipated_and_one_that_does_not_is_told_as_relayed) {
  Message m;
  m.taken("with@e", notify_success, Handover::passed_on);
  m.taken("without@e", notify_success, Handover::relayed);

  BOOST_TEST(m.successes() == "without@e=relayed");
}

BOOST_AUTO_TEST_CASE(the_null_sender_and_the_archive_hear_nothing) {
  Message m;
  m.taken("copy@archive", notify_success).kind = RecipientKind::archive;
  BOOST_TEST(m.successes() == "");
  m.taken("asked@e", notify_success);
  m.envelope.sender = "";
  BOOST_TEST(m.successes() == "");

  Message late;
  late.settings.delay_warning_time = std::chrono::hours(1);
  late.late("copy@archive", 0).kind = RecipientKind::archive;
  BOOST_TEST(late.delays() == "");
  late.late("one@e", notify_delay);
  late.envelope.sender = "";
  BOOST_TEST(late.delays() == "");
}

BOOST_AUTO_TEST_CASE(an_alias_of_several_is_told_once_as_expanded_after_the_first_attempt) {
  Message m;
  for (const char* const address : {"one@e", "two@e"}) {
    QueuedRecipient& recipient = m.taken(address, notify_never | notify_expanded);
    recipient.original = "list@e";
    recipient.orcpt = "rfc822;team@e";
  }

  const auto told = successes_to_tell(m.envelope, m.news, false, m.settings, now);

  BOOST_TEST(Message::text(told) == "list@e=expanded");
  BOOST_TEST(told[0].orcpt == "rfc822;team@e");
  m.envelope.attempts = 1;
  BOOST_TEST(m.successes() == "");
}

BOOST_AUTO_TEST_CASE(of_a_success_our_own_words_about_files_are_not_told) {
  Message m;
  m.taken("box@e", notify_success);
  m.news[0].remote = "/var/mail/e/box";
  m.news[0].reply.text = "written as 1234.gate.example";

  const auto told = successes_to_tell(m.envelope, m.news, false, m.settings, now);

  BOOST_TEST(told.at(0).diagnostic == "");
  BOOST_TEST(told.at(0).remote_mta == "");
}

BOOST_AUTO_TEST_CASE(without_notify_the_administrator_decides_when_a_sender_hears_of_a_delay) {
  Message m;
  m.late("one@e", 0);
  BOOST_TEST(m.delays() == "");

  m.settings.delay_warning_time = std::chrono::hours(6);
  BOOST_TEST(m.delays() == "");
  m.settings.delay_warning_time = std::chrono::hours(5);
  BOOST_TEST(m.delays() == "one@e=delayed");
  const auto told = delays_to_tell(m.envelope, m.news, m.delay, m.settings, now);
  BOOST_TEST((told[0].retry_until == m.delay.retry_until));
  BOOST_TEST(told[0].diagnostic == "451 4.4.1 no connection");
}

BOOST_AUTO_TEST_CASE(notify_with_delay_asks_for_it_and_notify_without_forbids_it) {
  Message m;
  m.late("asked@e", notify_delay);
  m.late("forbidden@e", notify_failure);
  m.late("never@e", notify_never);
  m.late("silent@e", 0);

  BOOST_TEST(m.delays() == "asked@e=delayed");
  m.delay.age = std::chrono::hours(3);
  BOOST_TEST(m.delays() == "");
  m.settings.delay_warning_time = std::chrono::hours(2);
  BOOST_TEST(m.delays() == "asked@e=delayed silent@e=delayed");
}

BOOST_AUTO_TEST_CASE(there_is_one_letter_about_a_delay_a_message) {
  Message m;
  m.late("asked@e", notify_delay);
  m.delay.warned = true;

  BOOST_TEST(m.delays() == "");
}

BOOST_AUTO_TEST_CASE(
    the_end_of_a_delay_is_told_only_where_the_delay_was_and_if_the_administrator_wants) {
  Message m;
  m.taken("silent@e", 0, Handover::passed_on);
  m.taken("failure@e", notify_failure);
  m.settings.confirm_delay_cleared = true;
  BOOST_TEST(m.successes() == "");

  m.warned = true;
  BOOST_TEST(m.successes() == "silent@e=relayed");
  m.settings.confirm_delay_cleared = false;
  BOOST_TEST(m.successes() == "");
}

BOOST_AUTO_TEST_SUITE_END()
