#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "gateway/delivery/bounce.h"
#include "gateway/delivery/content_wire.h"
#include "gateway/mail/command.h"

using namespace postern;

namespace {

struct Failing {
  SystemClock clock;
  MessageIdSource ids{clock, 1};
  NoticeSettings settings;
  const std::string hostname = "gate.example";
  Envelope envelope;
  Content content = std::make_shared<const std::string>("Subject: lost\r\n\r\nsecret body\r\n");
  std::vector<RecipientNews> failed;
  bool copy = false;
  bool double_bounce = false;

  Failing() {
    envelope.sender = "sender@example.org";
    add("one@example.com");
  }
  QueuedRecipient& add(const std::string& address) {
    QueuedRecipient recipient;
    recipient.address = address;
    failed.push_back({static_cast<std::uint32_t>(envelope.recipients.size()),
                      reply(550, {5, 1, 1}, "no such user"), "mx.example.com[192.0.2.1]:25"});
    return envelope.recipients.emplace_back(std::move(recipient));
  }
  Bounces bounces() {
    BounceRequest request{envelope, content, failed};
    request.copy = copy;
    request.double_bounce = double_bounce;
    const LetterWriter writer{settings, hostname, std::chrono::days(5), ids, clock.wall()};
    return make_bounces(request, writer);
  }
};

bool contains(const Content& content, const std::string& text) {
  return content->find(text) != std::string::npos;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(bounce)

BOOST_AUTO_TEST_CASE(the_sender_is_told_with_a_null_sender_what_failed_and_why) {
  Failing f;
  f.envelope.envid = "id+2B1";

  const auto out = f.bounces();

  BOOST_REQUIRE(out.to_sender.has_value());
  const Envelope& envelope = out.to_sender->envelope;
  BOOST_TEST(envelope.sender == "");
  BOOST_TEST(envelope.recipients.size() == 1U);
  BOOST_TEST(envelope.recipients[0].address == "sender@example.org");
  BOOST_TEST(envelope.content_size == out.to_sender->content->size());
  BOOST_TEST(envelope.id.value != 0U);
  BOOST_TEST(envelope.variants.size() == 1U);
  BOOST_TEST(examine(*out.to_sender->content).canonical);
  for (const char* const part :
       {"MAILER-DAEMON@gate.example", "Final-Recipient: rfc822; one@example.com", "5.1.1",
        "Remote-MTA: dns; mx.example.com", "no such user", "secret body",
        "Last-Attempt-Date: ", "Final-Log-ID: ", "Original-Envelope-Id: id+1"}) {
    BOOST_TEST(contains(out.to_sender->content, part), part);
  }
  BOOST_TEST(!contains(out.to_sender->content, "192.0.2.1"));
  BOOST_TEST(!out.copy);
  BOOST_TEST(out.untold.empty());
}

BOOST_AUTO_TEST_CASE(nobody_hears_of_a_message_with_the_null_sender) {
  Failing f;
  f.envelope.sender = "";

  const auto out = f.bounces();

  BOOST_TEST(!out.to_sender);
  BOOST_TEST(out.untold.size() == 1U);
}

BOOST_AUTO_TEST_CASE(
    a_letter_that_fails_goes_to_a_postmaster_who_wants_it_but_one_of_his_own_does_not) {
  Failing f;
  f.envelope.sender = "";
  f.double_bounce = true;

  const auto out = f.bounces();

  BOOST_REQUIRE(out.to_postmaster.has_value());
  BOOST_TEST(out.untold.empty());
  BOOST_TEST(out.to_postmaster->envelope.recipients[0].address == "postmaster@gate.example");
  BOOST_TEST(contains(out.to_postmaster->content, "secret body"));
  f.envelope.recipients[0].original = "PostMaster@gate.example";  // by an alias to one@example.com
  BOOST_TEST(!f.bounces().to_postmaster);
  BOOST_TEST(f.bounces().untold.size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_postmaster_who_wants_copies_gets_them_without_the_body) {
  Failing f;
  f.copy = true;

  const auto out = f.bounces();

  BOOST_REQUIRE((out.to_sender && out.copy));
  BOOST_TEST(out.copy->envelope.recipients[0].address == "postmaster@gate.example");
  BOOST_TEST(contains(out.copy->content, "one@example.com"));
  BOOST_TEST(!contains(out.copy->content, "secret body"));
}

BOOST_AUTO_TEST_CASE(only_recipients_whose_failure_is_wanted_are_named) {
  Failing f;
  f.envelope.recipients[0].notify = notify_never;
  f.add("success@example.com").notify = notify_success | notify_delay;
  f.add("failure@example.com").notify = notify_failure;
  f.add("default@example.com");

  const auto out = f.bounces();

  BOOST_REQUIRE(out.to_sender.has_value());
  BOOST_TEST(contains(out.to_sender->content, "failure@example.com"));
  BOOST_TEST(contains(out.to_sender->content, "default@example.com"));
  BOOST_TEST(!contains(out.to_sender->content, "success@example.com"));
  BOOST_TEST(!contains(out.to_sender->content, "one@example.com"));
  BOOST_TEST(out.untold.size() == 2U);
}

BOOST_AUTO_TEST_CASE(the_sender_never_hears_of_a_copy_for_the_archive) {
  Failing f;
  f.envelope.recipients[0].kind = RecipientKind::archive;
  f.envelope.recipients[0].address = "journal@archive.example";

  BOOST_TEST(!f.bounces().to_sender);
  BOOST_TEST(f.bounces().untold.size() == 1U);
  f.settings.bounce_notice_recipient = "postmaster@example.com";
  const auto out = f.bounces();

  BOOST_TEST(!out.to_sender);
  BOOST_REQUIRE(out.copy.has_value());
  BOOST_TEST(out.copy->envelope.sender == "");
  BOOST_TEST(out.copy->envelope.recipients[0].address == "postmaster@example.com");
  BOOST_TEST(contains(out.copy->content, "journal@archive.example"));
  BOOST_TEST(!contains(out.copy->content, "secret body"));
}

BOOST_AUTO_TEST_CASE(ret_and_size_decide_whether_the_body_comes_back) {
  Failing f;
  f.envelope.ret = "FULL";
  BOOST_TEST(contains(f.bounces().to_sender->content, "secret body"));
  f.envelope.ret = "HDRS";
  BOOST_TEST(!contains(f.bounces().to_sender->content, "secret body"));
  f.envelope.ret = "";
  f.settings.bounce_size_limit = 20;

  const auto out = f.bounces();

  BOOST_TEST(!contains(out.to_sender->content, "secret body"));
  BOOST_TEST(contains(out.to_sender->content, "Subject: lost"));
}

BOOST_AUTO_TEST_CASE(an_alias_is_reported_under_the_address_that_the_sender_wrote) {
  Failing f;
  f.envelope.recipients[0].original = "first+last@example.com";

  BOOST_TEST(contains(f.bounces().to_sender->content,
                      "Original-Recipient: rfc822; first+last@example.com"));
}

BOOST_AUTO_TEST_CASE(a_bounce_with_8bit_content_is_marked_so) {
  Failing f;
  f.content = std::make_shared<const std::string>("Subject: x\r\n\r\n\xe4\r\n");
  const Bounces out = f.bounces();

  BOOST_TEST(out.to_sender->envelope.eight_bit == examine(*out.to_sender->content).eight_bit);
  BOOST_TEST(out.to_sender->envelope.eight_bit);
}

BOOST_AUTO_TEST_SUITE_END()
