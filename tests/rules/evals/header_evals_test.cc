#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "tests/rules/evals/evals_support.h"

using namespace postern;

namespace {

bool with_subject(std::string_view function, const EvalArguments& arguments,
                  std::string_view subject) {
  return evaluate(function, arguments,
                  mail({"To: ann@example.org", "Subject: " + std::string(subject)})) != 0;
}

bool sent_and_received(const EvalArguments& hours, std::initializer_list<std::string_view> lines) {
  return evaluate("check_for_shifted_date", hours, mail(lines)) != 0;
}

std::string hop(std::string_view time) {
  return "Received: from a by b; Wed, 25 Nov 2015 " + std::string(time) + " +0000";
}

std::string date(std::string_view time) {
  return "Date: Wed, 25 Nov 2015 " + std::string(time) + " +0000";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(header_dates)

BOOST_AUTO_TEST_CASE(a_date_ahead_of_every_hop_is_shifted) {
  BOOST_TEST(sent_and_received({"3", "6"}, {hop("01:00:00"), date("04:00:00")}));
  BOOST_TEST(!sent_and_received({"3", "6"}, {hop("01:00:00"), date("03:59:59")}));
  BOOST_TEST(!sent_and_received({"3", "6"}, {hop("01:00:00"), date("07:00:00")}));
  BOOST_TEST(sent_and_received({"undef", "-3"}, {hop("09:00:00"), date("04:00:00")}));
  BOOST_TEST(
      sent_and_received({"96", "undef"}, {hop("01:00:00"), "Date: 2 Dec 2015 01:00:00 +0000"}));
}

BOOST_AUTO_TEST_CASE(the_nearest_hop_decides) {
  BOOST_TEST(
      !sent_and_received({"3", "undef"}, {hop("01:00:00"), hop("04:30:00"), date("05:00:00")}));
}

BOOST_AUTO_TEST_CASE(a_last_hop_that_copies_the_date_does_not_count) {
  BOOST_TEST(
      sent_and_received({"3", "undef"}, {hop("01:00:00"), hop("05:00:00"), date("05:00:00")}));
  BOOST_TEST(!sent_and_received({"3", "undef"}, {hop("05:00:00"), date("05:00:00")}));
}

BOOST_AUTO_TEST_CASE(without_date_or_hops_nothing_is_shifted) {
  BOOST_TEST(sent_and_received({"undef", "1"}, {hop("01:00:00")}));
  BOOST_TEST(!sent_and_received({"1", "undef"}, {hop("01:00:00"), "Date: yesterday"}));
  BOOST_TEST(!sent_and_received({"1", "undef"}, {date("01:00:00")}));
}

BOOST_AUTO_TEST_CASE(a_resent_message_was_written_when_it_was_resent) {
  BOOST_TEST(sent_and_received({"3", "undef"}, {hop("01:00:00"), date("01:00:00"),
                                                "Resent-Date: Wed, 25 Nov 2015 05:00:00 +0000"}));
  BOOST_TEST(
      !sent_and_received({"3", "undef"}, {hop("01:00:00"), date("01:00:00"), "Resent-Date: soon"}));
}

BOOST_AUTO_TEST_CASE(fetchmails_own_hops_are_set_aside) {
  const std::string here =
      "Received: from localhost (localhost [127.0.0.1]) by here; Wed, 25 Nov 2015 09:00:00 +0000";
  const std::string fetched =
      "Received: from pop by localhost with POP3 (fetchmail-6.3.1); Wed, 25 Nov 2015 09:00:00 "
      "+0000";
  BOOST_TEST(sent_and_received({"3", "undef"}, {here, fetched, hop("01:00:00"), date("09:00:00")}));
  BOOST_TEST(!sent_and_received({"3", "undef"}, {here, hop("01:00:00"), date("09:00:00")}));
}

BOOST_AUTO_TEST_CASE(old_mail_was_received_months_ago) {
  const auto old = mail({hop("01:00:00"), date("01:00:00")});
  BOOST_TEST(evaluate("received_within_months", {"6", "undef"}, old) == 1);
  BOOST_TEST(evaluate("received_within_months", {"undef", "6"}, old) == 0);
}

BOOST_AUTO_TEST_CASE(an_outlook_number_of_another_time_gives_itself_away) {
  const auto with_digits = [](std::string_view digits) {
    return evaluate("check_outlook_message_id", {},
                    mail({hop("01:00:00"), date("01:00:00"),
                          "Message-ID: <0001" + std::string(digits) + "$00000001$0100007f@host>"}));
  };
  BOOST_TEST(with_digits("01d1271c") == 0);  // of that moment
  BOOST_TEST(with_digits("01d12814") == 0);  // 248 units, a little more than a day, later
  BOOST_TEST(with_digits("01d12816") == 1);  // 250
  BOOST_TEST(with_digits("01D1FFFF") == 0);  // Outlook writes small letters
  BOOST_TEST(with_digits("1d1ffff") == 0);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(header_fields)

BOOST_AUTO_TEST_CASE(eight_bit_octets_are_illegal_unless_they_are_utf8) {
  const EvalArguments any{"Subject", "0.00", "2"};
  BOOST_TEST(with_subject("check_illegal_chars", any, "caf\xe9 \xe8"));
  BOOST_TEST(!with_subject("check_illegal_chars", any, "caf\xc3\xa9 \xc3\xa8"));
  BOOST_TEST(with_subject("check_illegal_chars", any, "caf\xc3\xa9 \x01"));
  BOOST_TEST(!with_subject("check_illegal_chars", any, "plain \t words"));
}

BOOST_AUTO_TEST_CASE(one_pound_sign_in_a_subject_is_forgiven) {
  const EvalArguments any{"Subject", "0.00", "1"};
  BOOST_TEST(!with_subject("check_illegal_chars", any, "only \xa3 5"));
  BOOST_TEST(with_subject("check_illegal_chars", any, "\xa3 5 or \xa3 6"));
  BOOST_TEST(evaluate("check_illegal_chars", {"From", "0.00", "1"}, mail({"From: \xa3"})) == 1);
}

BOOST_AUTO_TEST_CASE(illegal_octets_must_reach_share_and_number) {
  BOOST_TEST(!with_subject("check_illegal_chars", {"Subject", "0.5", "2"}, "\xe9\xe9 and words"));
  BOOST_TEST(!with_subject("check_illegal_chars", {"Subject", "0.1", "3"}, "\xe9\xe9"));
  BOOST_TEST(evaluate("check_illegal_chars", {"Subject", "0", "0"}, mail({"From: a"})) == 0);
}

BOOST_AUTO_TEST_CASE(capitals_alone_with_a_blank_among_them_are_shouting) {
  const auto shouts = [](std::string_view subject) {
    return with_subject("subject_is_all_caps", {}, subject);
  };
  BOOST_TEST(shouts("HELLO WORLD"));
  BOOST_TEST(shouts("Re: FWD: HELLO WORLD 1"));
  BOOST_TEST(!shouts("HELLO World"));
  BOOST_TEST(!shouts("HELLOWORLDHELLO"));
  BOOST_TEST(!shouts("HI THERE"));
  BOOST_TEST(!shouts("1234 567890"));
  BOOST_TEST(shouts("=?utf-8?Q?HELLO_WORLD?="));
  BOOST_TEST(!shouts("=?KOI8-R?Q?HELLO_WORLD?="));
}

BOOST_AUTO_TEST_CASE(a_template_is_a_percent_sign_and_two_capitals) {
  const auto holds = [](std::string_view line) {
    return evaluate("check_unresolved_template", {}, mail({"Date: x", line})) != 0;
  };
  BOOST_TEST(holds("X-Sender: 50%AB"));
  BOOST_TEST(holds("X-Sender: %A_"));
  BOOST_TEST(!holds("X-Sender: %aB"));
  BOOST_TEST(!holds("Subject: %AB"));
  BOOST_TEST(!holds("x-uidl: %AB"));
  BOOST_TEST(holds("To-Sender: %AB"));
}

BOOST_AUTO_TEST_CASE(different_values_of_a_field_are_counted) {
  const auto twice = mail({"X-A: one", "X-A: one", "X-A: two"});
  BOOST_TEST(evaluate("check_header_count_range", {"X-A", "2", "2"}, twice) == 1);
  BOOST_TEST(evaluate("check_header_count_range", {"X-A", "3", "9"}, twice) == 0);
  BOOST_TEST(evaluate("check_header_count_range", {"X-B", "0", "0"}, twice) == 1);
}

BOOST_AUTO_TEST_CASE(a_number_of_28_capitals_and_the_authors_address_is_ratware) {
  const std::string id = "Message-ID: <ABCDEFGHIJKLMNOPQRSTUVWXYZAB.ann@example.org>";
  const auto from = [&](std::string_view author) {
    return evaluate("check_ratware_name_id", {}, mail({id, author})) != 0;
  };
  BOOST_TEST(from("From: \"Ann\" <ann@example.org>"));
  BOOST_TEST(!from("From: Ann <ann@example.org>"));
  BOOST_TEST(!from("From: \"\" <ann@example.org>"));
  BOOST_TEST(!from("From: \"Ann\" <bob@example.org>"));
}

BOOST_AUTO_TEST_CASE(charsets_outside_the_locales_are_far_away) {
  RuleSettings settings;
  const auto far = [&](std::string_view subject) {
    return evaluate("check_for_faraway_charset_in_headers", {},
                    mail({"Subject: " + std::string(subject)}), settings) != 0;
  };
  BOOST_TEST(!far("=?koi8-r?B?8NLJ?="));
  settings.lists.ok_locales = "en ja";
  BOOST_TEST(far("=?koi8-r?B?8NLJ?="));
  BOOST_TEST(far("=?iso-8859-1?Q?a?= =?koi8-r?B?8NLJ?="));
  BOOST_TEST(!far("=?shift_jis?B?8NLJ?="));
  BOOST_TEST(!far("=?utf-8?Q?a?="));
  BOOST_TEST(!far("koi8-r"));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(header_people)

BOOST_AUTO_TEST_CASE(domains_of_both_senders_are_compared_by_two_labels) {
  const auto differ = [](std::string_view author, std::string_view envelope) {
    return evaluate("check_equal_from_domains", {}, mail({"From: " + std::string(author)}), {},
                    {.octets = {}, .envelope_from = envelope}) != 0;
  };
  BOOST_TEST(!differ("a@x.example.org", "b@y.Example.org"));
  BOOST_TEST(differ("a@example.org", "a@example.net"));
  BOOST_TEST(!differ("a@example.org", ""));
  BOOST_TEST(!differ("Ann", "a@example.org"));
}

BOOST_AUTO_TEST_CASE(two_senders_match_without_regard_to_case_and_so_do_none) {
  const ScanInput sender{.octets = {}, .envelope_from = "Ann@example.org"};
  const auto* const function = "check_for_matching_env_and_hdr_from";
  BOOST_TEST(evaluate(function, {}, mail({"From: ann@Example.org"}), {}, sender) == 1);
  BOOST_TEST(evaluate(function, {}, mail({"From: bob@example.org"}), {}, sender) == 0);
  BOOST_TEST(evaluate(function, {}, mail({"X-A: b"})) == 1);
}

BOOST_AUTO_TEST_CASE(to_or_apparently_to_must_be_there) {
  BOOST_TEST(evaluate("check_for_missing_to_header", {}, mail({"From: a"})) == 1);
  BOOST_TEST(evaluate("check_for_missing_to_header", {}, mail({"To: a"})) == 0);
  BOOST_TEST(evaluate("check_for_missing_to_header", {}, mail({"Apparently-To: a"})) == 0);
}

BOOST_AUTO_TEST_CASE(a_subject_that_speaks_to_the_user_is_noticed) {
  const auto names = [](std::string_view subject) {
    return with_subject("check_for_to_in_subject", {"user"}, subject);
  };
  BOOST_TEST(names("ANN"));
  BOOST_TEST(names("re: ann"));
  BOOST_TEST(names("fw: hello ann"));
  BOOST_TEST(!names("re: two words ann"));
  BOOST_TEST(names("ann, come here"));
  BOOST_TEST(!names("Ann, come here"));
  BOOST_TEST(!names("ann,come here"));
  BOOST_TEST(names(", ann!"));
  BOOST_TEST(!names("hello ann"));
}

BOOST_AUTO_TEST_CASE(the_whole_address_counts_as_a_word) {
  const auto names = [](std::string_view subject) {
    return with_subject("check_for_to_in_subject", {"address"}, subject);
  };
  BOOST_TEST(names("for Ann@example.org only"));
  BOOST_TEST(!names("for joann@example.org"));
  BOOST_TEST(!names("for ann@example.orgs"));
}

BOOST_AUTO_TEST_CASE(seven_sorted_recipients_are_a_list) {
  const auto sorted = [](std::string_view recipients) {
    return evaluate("sorted_recipients", {}, mail({"To: " + std::string(recipients)})) != 0;
  };
  BOOST_TEST(
      sorted("a@x.example, b@x.example, c@x.example, d@x.example, e@x.example, "
             "f@x.example, g@x.example"));
  BOOST_TEST(
      !sorted("a@x.example, b@x.example, c@x.example, d@x.example, e@x.example, "
              "g@x.example, f@x.example"));
  BOOST_TEST(
      !sorted("a@x.example, A@x.example, b@x.example, c@x.example, d@x.example, "
              "e@x.example, f@x.example"));
}

BOOST_AUTO_TEST_CASE(likeness_counts_users_and_different_hosts) {
  const auto similar = [](const EvalArguments& range, std::string_view recipients) {
    return evaluate("similar_recipients", range, mail({"To: " + std::string(recipients)})) != 0;
  };
  constexpr std::string_view alike =
      "ab1@mx1.example, ab2@mx2.example, ab3@mx3.example, ab4@mx4.example, ab5@mx5.example";
  constexpr std::string_view one_host =
      "ab1@mx.example, ab2@mx.example, ab3@mx.example, ab4@mx.example, ab5@mx.example";
  BOOST_TEST(similar({"2", "undef"}, alike));
  BOOST_TEST(similar({"1", "1.1"}, one_host));
  BOOST_TEST(!similar({"0.1", "undef"}, "ab1@x.example, ab2@x.example"));
}

BOOST_AUTO_TEST_CASE(a_sender_made_of_the_recipients_address_is_ratware) {
  RuleSettings settings;
  settings.domains.boundaries.add_top("org");
  const auto made = [&](std::string_view sender) {
    return evaluate("check_ratware_envelope_from", {}, mail({"To: ann@mail.example.org"}), settings,
                    {.octets = {}, .envelope_from = sender}) != 0;
  };
  BOOST_TEST(made("example.org.ann@x.example"));
  BOOST_TEST(made("x-Example.org=Ann@x.example"));
  BOOST_TEST(!made("SRS0=example.org=ann@x.example"));
  BOOST_TEST(!made("xexample.org=ann@x.example"));
  BOOST_TEST(!made("example.organn@x.example"));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(header_forgery)

namespace {
bool from(std::string_view function, std::string_view author,
          std::initializer_list<std::string_view> more = {}) {
  std::string text = "From: <" + std::string(author) + ">\n" + std::string(arrival) + '\n';
  for (const auto line : more) text.append(line) += '\n';
  return evaluate(function, {}, text + "\nSome words.\n") != 0;
}
}  // namespace

BOOST_AUTO_TEST_CASE(gmail_leaves_its_marks) {
  const auto* const function = "check_for_forged_gmail_received_headers";
  BOOST_TEST(from(function, "ann@gmail.com"));
  BOOST_TEST(!from(function, "ann@notgmail.com"));
  BOOST_TEST(!from(function, "ann@gmail.com", {"X-Received: by 10.1.2.3 with SMTP id a1"}));
  const auto state = "X-Gm-Message-State: " + std::string(60, 'a');
  const auto source = "X-Google-Smtp-Source: " + std::string(60, 'b');
  BOOST_TEST(!from(function, "ann@gmail.com", {state, source}));
  BOOST_TEST(from(function, "ann@gmail.com", {state}));
}

BOOST_AUTO_TEST_CASE(yahoo_is_known_by_its_own_hops_or_a_relay_of_its_own) {
  const auto* const function = "check_for_forged_yahoo_received_headers";
  BOOST_TEST(from(function, "ann@yahoo.com"));
  BOOST_TEST(
      !from(function, "ann@yahoo.com",
            {"Received: from x by web12.mail.yahoo.com via HTTP; 25 Nov 2015 01:00:00 +0000"}));
  BOOST_TEST(!from(function, "ann@yahoo.com",
                   {"Received: from [192.0.2.7] by t1.groups.yahoo.com with NNFMP; x"}));
}

BOOST_AUTO_TEST_CASE(hotmail_has_two_verdicts) {
  const auto forged = [](auto... more) {
    return from("check_for_forged_hotmail_received_headers", "ann@hotmail.com", {more...});
  };
  const auto unconfirmed = [](auto... more) {
    return from("check_for_no_hotmail_received_headers", "ann@hotmail.com", {more...});
  };
  constexpr std::string_view helo = "Received: from x (HELO mail.hotmail.com) (192.0.2.4) by y; x";
  constexpr std::string_view web = "Received: from x by bay.hotmail.com with HTTP; x";
  BOOST_TEST(unconfirmed());
  BOOST_TEST(!forged());
  BOOST_TEST(forged(helo));
  BOOST_TEST(!unconfirmed(helo));
  BOOST_TEST(!unconfirmed(web, std::string_view("X-Originating-IP: [192.0.2.1]")));
  BOOST_TEST(!from("check_for_no_hotmail_received_headers", "ann@example.org"));
}

BOOST_AUTO_TEST_CASE(juno_and_eudoramail_need_their_own_fields) {
  BOOST_TEST(from("check_for_forged_juno_received_headers", "ann@juno.com"));
  BOOST_TEST(!from("check_for_forged_juno_received_headers", "ann@juno.com",
                   {"Received: from m.juno.com (m.juno.com [192.0.2.1]) by y; x",
                    "X-Originating-IP: 192.0.2.1", "X-Mailer: Juno 5.0"}));
  BOOST_TEST(from("check_for_forged_eudoramail_received_headers", "ann@eudoramail.com"));
  BOOST_TEST(!from("check_for_forged_eudoramail_received_headers", "ann@eudoramail.com",
                   {"Received: from x by mail.whowhere.com; x", "X-Sender-IP: 192.0.2.1"}));
}

BOOST_AUTO_TEST_CASE(an_aol_relay_must_name_aols_software) {
  const auto* const function = "check_for_fake_aol_relay_in_rcvd";
  BOOST_TEST(from(function, "a@b", {"Received: from rly-xw01.mx.example by x; y"}));
  BOOST_TEST(
      !from(function, "a@b", {"Received: from rly-xw01.mx.example by x (8.8.8/AOL-5.0.0); y"}));
  BOOST_TEST(!from(function, "a@b", {"Received: from rly-x1.mx.example by x; y"}));
}

BOOST_AUTO_TEST_CASE(a_message_without_received_fields_lost_them_on_the_way) {
  const auto* const function = "gated_through_received_hdr_remover";
  BOOST_TEST(evaluate(function, {}, mail({"From: a"})) == 1);
  BOOST_TEST(!from(function, "a@b"));
  BOOST_TEST(from(function, "a@b",
                  {"Mailing-List: contact l-help@example.org; run by ezmlm",
                   "Delivered-To: mailing list l@example.org",
                   "Received: (qmail 1 invoked by alias); 25 Nov 2015 01:00:00 -0000"}));
}

BOOST_AUTO_TEST_CASE(list_software_gives_messages_numbers_of_its_own) {
  const auto* const function = "check_messageid_not_usable";
  BOOST_TEST(from(function, "a@b", {"List-Unsubscribe: <mailto:l-unsubscribe@example.org>"}));
  BOOST_TEST(!from(function, "a@b",
                   {"List-Unsubscribe: <mailto:l-unsubscribe@example.org>, <http://x.example>"}));
  BOOST_TEST(from(function, "a@b", {"Received: from a by b (iPlanet Messaging Server 5)"}));
}

BOOST_AUTO_TEST_CASE(a_group_message_is_known_by_its_pickup_and_its_number) {
  const auto* const function = "check_for_msn_groups_headers";
  constexpr std::string_view pickup =
      "Received: from mail pickup service by p04.groups.msn.com with Microsoft SMTPSVC; x";
  BOOST_TEST(
      from(function, "a@b",
           {"To: <notifications@groups.msn.com>", pickup, "Message-Id: <TK1@p04.groups.msn.com>"}));
  BOOST_TEST(!from(
      function, "a@b",
      {"To: <notifications@groups.msn.com>", pickup, "Message-Id: <TK1@p05.groups.msn.com>"}));
}

BOOST_AUTO_TEST_CASE(a_last_relay_of_one_label_is_a_forgery_of_old) {
  const auto* const function = "check_for_forged_gw05_received_headers";
  BOOST_TEST(
      from(function, "a@b",
           {"Received: from m.example by gw05 with ESMTP; Thu, 21 Jun 2001 02:28:32 -0400"}));
  BOOST_TEST(
      !from(function, "a@b",
            {"Received: from m.example by g.w with ESMTP; Thu, 21 Jun 2001 02:28:32 -0400"}));
}

BOOST_AUTO_TEST_SUITE_END()
