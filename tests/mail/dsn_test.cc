// dsn_test.cc — delivery reports, read back with our own parser.
#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "gateway/base/bytes.h"
#include "gateway/mail/address.h"
#include "gateway/mail/dsn.h"
#include "gateway/mail/header.h"
#include "gateway/mail/mime.h"
#include "gateway/mail/mime_decode.h"

using namespace postern;

namespace {

constexpr std::string_view original =
    "From: alice@example.net\r\nSubject: hello\r\n\r\nthe body\r\n";

DsnRequest example() {
  DsnRequest request;
  request.reporting_mta = "mx.example.org";
  request.sender = "alice@example.net";
  request.envid = "QQ+2B314159";
  request.recipients.push_back({.address = "bob@example.com",
                                .orcpt = "rfc822;Bob+2Bx@example.com",
                                .status = {5, 1, 1},
                                .remote_mta = "mx.example.com",
                                .diagnostic = "550 5.1.1 User unknown",
                                .last_attempt = {},
                                .retry_until = {}});
  request.original = original;
  request.postmaster = "postmaster@example.org";
  request.message_id = "1@mx.example.org";
  return request;
}

/// The message's parts, checked for what every report must be.
struct Parts {
  std::string octets;
  MimeTree tree;
  std::string_view text, status, returned;
};

Parts parts_of(const DsnRequest& request) {
  Parts out;
  out.octets = make_dsn(request);
  out.tree = parse_mime(out.octets);
  BOOST_REQUIRE(out.tree.parts.size() >= 4U);
  BOOST_REQUIRE(out.tree.parts[0].children.size() == 3U);
  BOOST_TEST(out.tree.parts[0].media_type() == "multipart/report");
  BOOST_TEST(out.tree.parts[1].media_type() == "text/plain");
  BOOST_TEST(out.tree.parts[2].media_type() == "message/delivery-status");
  BOOST_TEST(out.tree.parts[0].anomalies.empty());
  out.text = out.tree.parts[1].body.of(out.octets);
  out.status = out.tree.parts[2].body.of(out.octets);
  out.returned = out.tree.parts[3].body.of(out.octets);
  for (std::size_t i = 0; i < out.octets.size(); ++i) {
    if (out.octets[i] == '\n') BOOST_REQUIRE(out.octets[i - 1] == '\r');
  }
  return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(dsn_suite)

BOOST_AUTO_TEST_CASE(a_failure_has_the_fields_of_rfc_3464) {
  const auto parts = parts_of(example());

  BOOST_TEST(parts.status ==
             "Reporting-MTA: dns; mx.example.org\r\nOriginal-Envelope-Id: QQ+314159\r\n"
             "Arrival-Date: Thu, 01 Jan 1970 00:00:00 +0000\r\n\r\n"
             "Original-Recipient: rfc822; Bob+x@example.com\r\nFinal-Recipient: rfc822; "
             "bob@example.com\r\n"
             "Action: failed\r\nStatus: 5.1.1\r\nRemote-MTA: dns; mx.example.com\r\n"
             "Diagnostic-Code: smtp; 550 5.1.1 User unknown\r\n");
  BOOST_TEST(parts.returned == "From: alice@example.net\r\nSubject: hello\r\n");
  BOOST_TEST(parts.tree.parts[3].media_type() == "text/rfc822-headers");
}

BOOST_AUTO_TEST_CASE(the_header_says_what_it_is_and_answers_nobody) {
  const std::string octets = make_dsn(example());
  const auto split = split_message(octets);

  BOOST_TEST(find_field(split, "To")->unfolded() == "<alice@example.net>");
  BOOST_TEST(find_field(split, "From")->unfolded() ==
             "Mail Delivery System <postmaster@example.org>");
  BOOST_TEST(find_field(split, "Auto-Submitted")->unfolded() == "auto-replied");
  BOOST_TEST(find_field(split, "Message-ID")->unfolded() == "<1@mx.example.org>");
  BOOST_TEST(find_field(split, "Subject")->unfolded() == "Your message could not be delivered");
}

BOOST_AUTO_TEST_CASE(the_text_tells_a_person_what_to_do) {
  const auto parts = parts_of(example());

  BOOST_TEST(parts.text.find("There is no such address.") != std::string_view::npos);
  BOOST_TEST(parts.text.find("<bob@example.com>") != std::string_view::npos);
  BOOST_TEST(parts.text.find("mx.example.com answered: 550 5.1.1 User unknown") !=
             std::string_view::npos);
  for (const auto line : split(parts.text, '\n')) BOOST_TEST(line.size() <= 78U);
}

BOOST_AUTO_TEST_CASE(the_whole_message_comes_back_when_asked_for_and_small_enough) {
  auto request = example();
  request.full = true;
  auto parts = parts_of(request);
  BOOST_TEST(parts.returned == original);
  BOOST_TEST(parts.tree.parts[3].media_type() == "message/rfc822");

  request.original_limit = original.size() - 1;
  parts = parts_of(request);
  BOOST_TEST(parts.tree.parts[3].media_type() == "text/rfc822-headers");
}

BOOST_AUTO_TEST_CASE(a_long_header_is_cut_at_a_line) {
  auto request = example();
  request.original_limit = 30;

  BOOST_TEST(parts_of(request).returned == "From: alice@example.net\r\n");
}

BOOST_AUTO_TEST_CASE(a_delay_is_no_failure) {
  auto request = example();
  request.recipients[0].action = DsnAction::delayed;
  request.recipients[0].status = {};
  request.recipients[0].diagnostic = "connection refused";
  request.recipients[0].retry_until = WallTime{seconds(86400)};

  const auto parts = parts_of(request);

  BOOST_TEST(parts.status.find("Action: delayed\r\nStatus: 4.0.0\r\n") != std::string_view::npos);
  BOOST_TEST(parts.status.find("Will-Retry-Until: Fri, 02 Jan 1970") != std::string_view::npos);
  BOOST_TEST(parts.status.find("Diagnostic-Code: x-postern; connection refused") !=
             std::string_view::npos);
  BOOST_TEST(parts.text.find("You need not do anything") != std::string_view::npos);
}

BOOST_AUTO_TEST_CASE(success_is_told_as_delivered_relayed_or_expanded) {
  auto request = example();
  request.recipients[0].status = {};
  for (const auto& [action, word, said] :
       {std::tuple{DsnAction::delivered, "delivered", "Delivered."},
        std::tuple{DsnAction::relayed, "relayed", "sends no reports like this one"},
        std::tuple{DsnAction::expanded, "expanded", "stands for several"}}) {
    request.recipients[0].action = action;

    const auto parts = parts_of(request);

    const std::string fields = std::string("Action: ") + word + "\r\nStatus: 2.0.0\r\n";
    BOOST_TEST(parts.status.find(fields) != std::string_view::npos, word);
    BOOST_TEST(parts.text.find(said) != std::string_view::npos, parts.text);
  }
}

BOOST_AUTO_TEST_CASE(the_time_of_the_attempt_and_our_queue_id_are_in_the_programs_part) {
  auto request = example();
  request.queue_id = "0abc";
  request.recipients[0].last_attempt = WallTime{seconds(86400)};

  const auto status = std::string(parts_of(request).status);

  BOOST_TEST(status.find("Last-Attempt-Date: Fri, 02 Jan 1970") != std::string::npos);
  BOOST_TEST(status.find("Final-Log-ID: 0abc\r\n") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_worst_result_gives_the_subject) {
  auto request = example();
  request.recipients[0].action = DsnAction::delivered;
  BOOST_TEST(make_dsn(request).find("Subject: Your message was delivered\r\n") !=
             std::string::npos);
  request.recipients.push_back(request.recipients[0]);
  request.recipients[1].action = DsnAction::failed;
  BOOST_TEST(make_dsn(request).find("Subject: Your message could not be delivered\r\n") !=
             std::string::npos);
}

BOOST_AUTO_TEST_CASE(utf8_addresses_are_written_as_rfc_6533_says) {
  auto request = example();
  request.recipients[0].address = "пр@example.com";

  const auto parts = parts_of(request);

  BOOST_TEST(parts.status.find("Final-Recipient: utf-8; \\x{43F}\\x{440}@example.com\r\n") !=
             std::string_view::npos);
  for (const char c : parts.status) BOOST_TEST(static_cast<unsigned char>(c) < 0x80);
  BOOST_TEST(parts.text.find("<пр@example.com>") != std::string_view::npos);
}

BOOST_AUTO_TEST_CASE(nothing_from_outside_adds_a_field_or_a_part) {
  const std::string evil = "x\r\nAction: delivered\r\n\r\n--=_postern-report-00000000-0\r\n\r\ny";
  auto request = example();
  auto& recipient = request.recipients[0];
  request.sender = request.envid = request.reporting_mta = evil;
  recipient.address = recipient.remote_mta = recipient.diagnostic = evil;
  recipient.orcpt = "rfc822;" + evil;

  const auto parts = parts_of(request);

  std::size_t actions = 0;
  for (const auto line : split(parts.status, '\n')) actions += line.starts_with("Action:");
  BOOST_TEST(actions == 1U);
  for (const auto line : split(parts.text, '\n')) BOOST_TEST(!line.starts_with("--"));
}

BOOST_AUTO_TEST_CASE(an_administrators_template_gives_subject_and_text) {
  auto request = example();
  request.maximal_queue_lifetime = std::chrono::days(5);
  request.templates.failure.subject = "Nicht zugestellt: ${reason}";
  request.templates.failure.text =
      "Lieber $sender,\n\n$recipients\n  Kosten: $$5, Frist $maximal_queue_lifetime\n";

  const auto parts = parts_of(request);

  BOOST_TEST(parts.octets.find("Subject: Nicht zugestellt: 550 5.1.1 User unknown\r\n") !=
             std::string::npos);
  BOOST_TEST(parts.text.starts_with("Lieber alice@example.net,\r\n\r\n  <bob@example.com>\r\n"));
  BOOST_TEST(parts.text.ends_with("\r\n  Kosten: $5, Frist 5 days\r\n"));
}

BOOST_AUTO_TEST_CASE(a_subject_beyond_ascii_is_written_in_words_of_rfc_2047) {
  auto request = example();
  std::string subject;
  for (int i = 0; i < 40; ++i) subject += "Zażółć ";
  request.templates.failure.subject = subject;

  const std::string octets = make_dsn(request);
  const auto header = split_message(octets);

  for (const char c : header.header) BOOST_TEST(static_cast<unsigned char>(c) < 0x80);
  const std::string value(find_field(header, "Subject")->unfolded());
  for (const auto word : words(value)) BOOST_TEST(word.size() <= 75U);
  BOOST_TEST(decode_encoded_words(value) == subject);
}

BOOST_AUTO_TEST_CASE(an_original_that_guesses_the_boundary_is_not_cut) {
  auto request = example();
  const std::string first = parse_mime(make_dsn(request)).parts[0].boundary;
  const std::string guess = "Subject: x\r\n\r\n--" + first + "--\r\n--" + first + "\r\nbody\r\n";
  request.original = guess;
  request.full = true;

  const auto parts = parts_of(request);

  BOOST_TEST(parts.returned == guess);
}

BOOST_AUTO_TEST_SUITE_END()
