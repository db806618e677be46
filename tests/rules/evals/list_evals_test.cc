#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "tests/rules/evals/evals_support.h"

using namespace postern;

namespace {

RuleSettings with(std::initializer_list<std::string_view> lines) {
  RuleSettings settings;
  for (const auto line : lines) apply(list_directives(), line, settings);
  for (const auto* const top : {"com", "org", "example"}) settings.domains.boundaries.add_top(top);
  return settings;
}

bool hits(std::string_view function, const RuleSettings& settings,
          std::initializer_list<std::string_view> lines, const EvalArguments& arguments = {}) {
  return evaluate(function, arguments, mail(lines), settings) != 0;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(list_evals)

BOOST_AUTO_TEST_CASE(every_field_that_names_a_sender_is_asked) {
  const auto settings = with({"blocklist_from *@bad.example"});
  const auto blocked = [&](std::initializer_list<std::string_view> lines) {
    return hits("check_from_in_blocklist", settings, lines);
  };
  BOOST_TEST(blocked({"From: Ann <Ann@Bad.example>"}));
  BOOST_TEST(blocked({"From: x@good.example", "Envelope-Sender: <a@bad.example>"}));
  BOOST_TEST(blocked({"From: x@good.example", "X-Envelope-From: <a@bad.example>"}));
  BOOST_TEST(blocked({"From: a@bad..example"}));
  BOOST_TEST(!blocked({"From: x@good.example", "Reply-To: a@bad.example"}));
}

BOOST_AUTO_TEST_CASE(whoever_resent_a_message_is_its_only_sender) {
  const auto settings = with({"blocklist_from *@bad.example"});
  BOOST_TEST(!hits("check_from_in_blacklist", settings,
                   {"From: a@bad.example", "Resent-From: x@good.example"}));
  BOOST_TEST(hits("check_from_in_blacklist", settings,
                  {"From: x@good.example", "Resent-From: a@bad.example"}));
}

BOOST_AUTO_TEST_CASE(recipients_are_found_in_fields_and_in_the_newest_hops) {
  const auto settings = with({"more_spam_to ann@*"});
  const auto listed = [&](std::initializer_list<std::string_view> lines) {
    return hits("check_to_in_more_spam", settings, lines);
  };
  constexpr std::string_view named = "Received: from a by b for <ann@example.org>; x";
  constexpr std::string_view other = "Received: from a by b; x";
  BOOST_TEST(listed({"To: x@y.example, Ann <ann@example.org>"}));
  BOOST_TEST(listed({"X-Original-To: ann@example.org"}));
  BOOST_TEST(!listed({"Bcc: ann@example.org"}));
  BOOST_TEST(listed({other, other, named}));
  BOOST_TEST(!listed({other, other, other, named}));
  BOOST_TEST(!listed({"Received: from a by b for <ann@localhost>; x"}));
  BOOST_TEST(!listed({"Resent-To: x@y.example", "To: ann@example.org"}));
}

BOOST_AUTO_TEST_CASE(a_rule_may_name_its_list) {
  const auto settings = with({"enlist_addrlist (MINE) *@mine.example"});
  const EvalArguments mine{"MINE"};
  BOOST_TEST(hits("check_from_in_list", settings, {"From: a@mine.example"}, mine));
  BOOST_TEST(hits("check_to_in_list", settings, {"To: a@mine.example"}, mine));
  BOOST_TEST(hits("check_replyto_in_list", settings, {"Reply-To: A@mine.example"}, mine));
  BOOST_TEST(!hits("check_replyto_in_list", settings, {"From: a@mine.example"}, mine));
}

BOOST_AUTO_TEST_CASE(a_list_that_nobody_made_is_legal_and_has_nobody_on_it) {
  const auto bound = find_eval("check_from_in_list")->bind({"YOURS"}, {});
  BOOST_REQUIRE(!bound.has_value());
  BOOST_TEST(bound.error().legal);
}

BOOST_AUTO_TEST_CASE(a_welcome_by_relay_needs_that_relay) {
  const auto* const function = "check_from_in_welcomelist";
  const auto settings = with({"welcomelist_from_rcvd *@name.example mail.example.com",
                              "welcomelist_from_rcvd *@parent.example Example.com",
                              "welcomelist_from_rcvd *@ip.example [93.184.216.34]",
                              "welcomelist_from_rcvd *@net.example [93.184]",
                              "welcomelist_from_rcvd *@bits.example [93.184.216.0]/24",
                              "welcomelist_from_rcvd *@else.example ample.com"});
  BOOST_TEST(hits(function, settings, {arrival, "From: a@name.example"}));
  BOOST_TEST(hits(function, settings, {arrival, "From: a@parent.example"}));
  BOOST_TEST(hits(function, settings, {arrival, "From: a@ip.example"}));
  BOOST_TEST(hits(function, settings, {arrival, "From: a@net.example"}));
  BOOST_TEST(hits(function, settings, {arrival, "From: a@bits.example"}));
  BOOST_TEST(!hits(function, settings, {arrival, "From: a@else.example"}));
  BOOST_TEST(!hits(function, settings, {"From: a@name.example"}));
}

BOOST_AUTO_TEST_CASE(a_listed_sender_from_another_relay_is_forged_unless_it_may_roam) {
  const auto settings = with({"welcomelist_from_rcvd *@far.example far.example",
                              "welcomelist_allows_relays roam@far.example",
                              "def_welcomelist_from_rcvd *@both.example example.com",
                              "welcomelist_from_rcvd *@both.example far.example"});
  BOOST_TEST(hits("check_forged_in_welcomelist", settings, {arrival, "From: a@far.example"}));
  BOOST_TEST(!hits("check_forged_in_welcomelist", settings, {arrival, "From: roam@far.example"}));
  BOOST_TEST(!hits("check_forged_in_welcomelist", settings, {arrival, "From: a@both.example"}));
  BOOST_TEST(
      hits("check_from_in_default_welcomelist", settings, {arrival, "From: a@both.example"}));
  BOOST_TEST(
      !hits("check_forged_in_default_welcomelist", settings, {arrival, "From: a@far.example"}));
}

BOOST_AUTO_TEST_CASE(the_senders_registered_domain_is_compared_with_the_relays) {
  const auto settings = with({});
  const auto matches = [&](std::string_view sender) {
    return evaluate("check_mailfrom_matches_rcvd", {}, mail({arrival}), settings,
                    {.octets = {}, .envelope_from = sender}) != 0;
  };
  BOOST_TEST(matches("a@example.com"));
  BOOST_TEST(matches("a@other.Example.com"));
  BOOST_TEST(!matches("a@example.org"));
  BOOST_TEST(!matches("a@com"));
  BOOST_TEST(!matches(""));
}

BOOST_AUTO_TEST_CASE(a_subject_is_searched_for_each_glob) {
  const auto settings =
      with({"welcomelist_subject *great?news*", "blocklist_subject Invoice (42)"});
  BOOST_TEST(hits("check_subject_in_welcomelist", settings, {"Subject: some GREAT-news today"}));
  BOOST_TEST(!hits("check_subject_in_whitelist", settings, {"Subject: greatnews"}));
  BOOST_TEST(hits("check_subject_in_blocklist", settings, {"Subject: your invoice (42), sir"}));
  BOOST_TEST(!hits("check_subject_in_blocklist", settings, {"Subject: invoice 42"}));
  BOOST_TEST(!hits("check_subject_in_blocklist", settings, {"To: a"}));
}

BOOST_AUTO_TEST_SUITE_END()
