// mailer_daemon_test.cc — which letters are written, to whom in the end, and how many.
#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "gateway/delivery/mailer_daemon.h"
#include "gateway/mail/command.h"
#include "tests/support/hand_clock.h"

using namespace postern;

namespace {

struct Daemon {
  test::HandClock clock;
  MessageIdSource ids{clock, 1};
  NoticeSettings settings;
  PolicySettings policy;
  std::vector<std::pair<NoticeClass, Letter>> posted;
  MailerDaemon daemon{clock, ids, [this](NoticeClass which, Letter letter) {
                        posted.emplace_back(which, std::move(letter));
                      }};
  Envelope envelope;
  Content content = std::make_shared<const std::string>("Subject: lost\r\n\r\nsecret body\r\n");

  Daemon() {
    policy.relay_domains.entries = {"home.example"};
    envelope.id = ids.next();
    envelope.arrival = clock.wall();
    envelope.sender = "sender@away.example";
    envelope.client_address = "192.0.2.7";
    QueuedRecipient recipient;
    recipient.address = "one@dead.example";
    envelope.recipients.push_back(recipient);
    configure();
  }
  void configure() {
    std::vector<Problem> problems;
    auto policies = open_policies(policy, "gate.example", problems);
    BOOST_REQUIRE(problems.empty());
    daemon.configure({std::make_shared<const NoticeSettings>(settings), std::move(policies),
                      "gate.example", std::chrono::days(5)});
  }
  MailerDaemon::Outgoing fail_it() {
    auto out =
        daemon.failures(envelope, content, {{0, reply(550, {5, 1, 1}, "no"), "mx[192.0.2.1]:25"}});
    BOOST_REQUIRE(out.has_value());
    return std::move(*out);
  }
  /// Of so many failures of different domains: "written/at once".
  std::string flood(int count) {
    int written = 0, at_once = 0;
    for (int i = 0; i < count; ++i) {
      envelope.sender = "x@victim" + std::to_string(i) + ".example";
      const auto out = fail_it();
      written += static_cast<int>(out.letters.size());
      BOOST_TEST(out.letters.size() + out.untold.size() == 1U);
      for (const Letter& letter : out.letters)
        at_once += letter.envelope.next_attempt == WallTime{};
    }
    return std::to_string(written) + "/" + std::to_string(at_once);
  }
};

bool contains(const Letter& letter, const std::string& text) {
  return letter.content->find(text) != std::string::npos;
}

std::string readers(const Letter& letter) {
  std::string out;
  for (const auto& one : letter.envelope.recipients) out += (out.empty() ? "" : " ") + one.address;
  return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(mailer_daemon)

BOOST_AUTO_TEST_CASE(a_letter_goes_where_the_aliases_send_its_reader) {
  Daemon d;
  d.policy.virtual_alias_maps.entries = {
      "inline:{{info@home.example=a@home.example b@home.example}}"};
  d.configure();
  d.envelope.sender = "info@home.example";

  const auto out = d.fail_it();

  BOOST_REQUIRE(out.letters.size() == 1U);
  BOOST_TEST(readers(out.letters[0]) == "a@home.example b@home.example");
  BOOST_TEST(out.letters[0].envelope.recipients[0].original == "info@home.example");
  BOOST_TEST(contains(out.letters[0], "To: <info@home.example>"));
}

BOOST_AUTO_TEST_CASE(a_sender_who_does_not_exist_in_our_own_domains_gets_no_letter) {
  Daemon d;
  d.policy.relay_recipient_maps.entries = {"inline:{real@home.example=1}"};
  d.configure();
  d.envelope.sender = "forged@home.example";

  const auto out = d.fail_it();

  BOOST_TEST(out.letters.empty());
  BOOST_TEST(out.untold.size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_table_that_fails_keeps_the_cause) {
  Daemon d;
  d.policy.virtual_alias_maps.entries = {"fail:down"};
  d.configure();

  BOOST_TEST(!d.daemon.failures(d.envelope, d.content, {{0, reply(550, {5, 1, 1}, "no"), ""}}));
}

BOOST_AUTO_TEST_CASE(f85_beyond_the_rate_reports_wait_and_beyond_the_wait_they_are_lost_visibly) {
  Daemon d;
  d.settings.limit = {10, 0, seconds(60), std::chrono::minutes(2)};
  d.configure();

  BOOST_TEST(d.flood(100) == "30/10");

  BOOST_REQUIRE(d.posted.size() == 1U);
  BOOST_TEST((d.posted[0].first == NoticeClass::resource));
  BOOST_TEST(contains(d.posted[0].second, "192.0.2.7"));
  BOOST_TEST(contains(d.posted[0].second, "dead.example"));
  BOOST_TEST(d.posted[0].second.envelope.sender == "");
}

BOOST_AUTO_TEST_CASE(a_reload_does_not_forget_what_left_unless_the_limits_changed) {
  Daemon d;
  d.settings.limit = {10, 0, seconds(60), milliseconds(0)};
  d.configure();
  BOOST_TEST(d.flood(20) == "10/10");

  d.configure();
  BOOST_TEST(d.flood(20) == "0/0");
  d.settings.limit.bounce_rate_limit = 11;
  d.configure();
  BOOST_TEST(d.flood(20) == "11/11");
}

BOOST_AUTO_TEST_CASE(senders_in_our_own_domains_are_told_at_once_however_many_they_are) {
  Daemon d;
  d.settings.limit = {1, 1, seconds(60), milliseconds(0)};
  d.configure();
  d.envelope.sender = "alice@home.example";

  for (int i = 0; i < 50; ++i) {
    const auto out = d.fail_it();
    BOOST_REQUIRE(out.letters.size() == 1U);
    BOOST_TEST((out.letters[0].envelope.next_attempt == WallTime{}));
  }
}

BOOST_AUTO_TEST_CASE(f85_reports_of_success_and_delay_count_too_and_never_wait) {
  Daemon d;
  d.settings.limit = {1, 0, seconds(60), std::chrono::hours(1)};
  d.settings.delay_warning_time = std::chrono::hours(1);
  d.configure();
  d.envelope.recipients[0].notify = notify_success | notify_delay;
  d.clock.pass(std::chrono::hours(2));
  const RecipientNews taken{0, reply(250, {2, 0, 0}, "ok"), "", Handover::delivered};
  const RecipientNews late{0, reply(450, {4, 2, 0}, "later"), ""};

  const auto first =
      d.daemon.success_letters(d.envelope, d.content, d.daemon.successes(d.envelope, {taken}));
  const auto second =
      d.daemon.delay_letters(d.envelope, d.content, d.daemon.delays(d.envelope, {late}, std::chrono::hours(2)));

  BOOST_REQUIRE(first->letters.size() == 1U);
  BOOST_TEST(contains(first->letters[0], "Action: delivered"));
  BOOST_TEST(!contains(first->letters[0], "secret body"));
  BOOST_TEST(second->letters.empty());
}

BOOST_AUTO_TEST_CASE(a_delay_is_told_once_and_a_postmaster_who_wants_it_gets_a_copy) {
  Daemon d;
  d.settings.delay_warning_time = std::chrono::hours(1);
  d.settings.notify_classes = {"delay"};
  d.configure();
  d.clock.pass(std::chrono::hours(2));
  const RecipientNews late{0, reply(450, {4, 2, 0}, "later"), ""};

  auto recipients = d.daemon.delays(d.envelope, {late}, std::chrono::hours(2));
  BOOST_REQUIRE(recipients.size() == 1U);
  const auto out = d.daemon.delay_letters(d.envelope, d.content, std::move(recipients));
  d.envelope.delay_notice_sent = true;

  BOOST_REQUIRE(out->letters.size() == 2U);
  // Nobody said otherwise: postmaster at our name is read at the first of relay_domains.
  BOOST_TEST(readers(out->letters[0]) == "postmaster@home.example");
  BOOST_TEST(readers(out->letters[1]) == "sender@away.example");
  BOOST_TEST(contains(out->letters[1], "Action: delayed"));
  BOOST_TEST(contains(out->letters[1], "Will-Retry-Until: "));
  BOOST_TEST(d.daemon.delays(d.envelope, {late}, std::chrono::hours(2)).empty());
}

BOOST_AUTO_TEST_CASE(a_letter_that_fails_goes_to_the_postmaster_only_where_he_asked) {
  Daemon d;
  d.envelope.sender = "";
  BOOST_TEST(d.fail_it().letters.empty());

  d.settings.notify_classes = {"2bounce"};
  d.settings.double_bounce_notice_recipient = "admin@home.example";
  d.configure();
  const auto out = d.fail_it();

  BOOST_REQUIRE(out.letters.size() == 1U);
  BOOST_TEST(readers(out.letters[0]) == "admin@home.example");
  BOOST_TEST(out.untold.empty());
}

BOOST_AUTO_TEST_SUITE_END()
