#define BOOST_TEST_DYN_LINK
#include "policies/recipients.h"

#include <boost/test/unit_test.hpp>

#include "policies/policies.h"
#include "tests/policies/open_maps.h"

using namespace postern;
using Kind = RecipientAnswer::Kind;

namespace {

PolicySettings edge() {
  PolicySettings settings;
  settings.relay_domains.entries = {"example.org"};
  settings.relay_recipient_maps.entries = {"inline:{user@example.org=x, @open.example.org=x}"};
  settings.virtual_alias_domains.entries = {"alias.example"};
  settings.recipient_delimiter = "+";
  return settings;
}

std::shared_ptr<const Policies> open(const PolicySettings& settings) {
  std::vector<Problem> problems;
  auto policies = open_policies(settings, "mx.example.net", problems);
  BOOST_REQUIRE_MESSAGE(problems.empty(), join(problems));
  return policies;
}

Address address(std::string_view local, std::string_view domain) {
  return {std::string(local), std::string(domain)};
}

/// "reply" or the final recipients.
std::string outcome(const RecipientAnswer& answer) {
  if (!answer.accepted()) return answer.reply.line();
  std::string out;
  for (const auto& final : answer.final_recipients) out += (out.empty() ? "" : " ") + final;
  return out;
}

std::string ask_edge(std::string_view local, std::string_view domain, bool may_relay = false) {
  return outcome(open(edge())->recipients.answer(address(local, domain), may_relay));
}

PolicySettings aliases(std::string_view table) {
  PolicySettings settings = edge();
  settings.virtual_alias_maps.entries = {"inline:{" + std::string(table) + "}"};
  return settings;
}

std::string expand(std::string_view table, std::string_view local, std::string_view domain) {
  return outcome(open(aliases(table))->recipients.answer(address(local, domain), false));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(recipients)

BOOST_AUTO_TEST_CASE(strangers_do_not_relay) {
  BOOST_TEST(ask_edge("a", "foreign.example") ==
             "554 5.7.1 <a@foreign.example>: Relay access denied");
  BOOST_TEST(ask_edge("a", "[192.0.2.1]") == "554 5.7.1 <a@[192.0.2.1]>: Relay access denied");
  BOOST_TEST(ask_edge("a", "notexample.org").starts_with("554 "));
}

BOOST_AUTO_TEST_CASE(our_own_clients_relay_anywhere_but_not_to_unknown_users) {
  BOOST_TEST(ask_edge("a", "foreign.example", true) == "a@foreign.example");
  BOOST_TEST(ask_edge("nobody", "example.org", true).starts_with("550 5.1.1 "));
}

BOOST_AUTO_TEST_CASE(unknown_users_are_refused_and_known_ones_accepted) {
  BOOST_TEST(ask_edge("nobody", "example.org") ==
             "550 5.1.1 <nobody@example.org>: Recipient address rejected: User unknown");
  BOOST_TEST(ask_edge("User", "example.org") == "User@example.org");
  BOOST_TEST(ask_edge("user+lists", "example.org") == "user+lists@example.org");
  BOOST_TEST(ask_edge("anyone", "open.example.org") == "anyone@open.example.org");
  BOOST_TEST(ask_edge("anyone", "alias.example").starts_with("550 5.1.1 "));
}

BOOST_AUTO_TEST_CASE(without_a_table_of_recipients_all_of_a_relay_domain_are_accepted) {
  PolicySettings settings = edge();
  settings.relay_recipient_maps.entries.clear();
  const auto policies = open(settings);
  const auto ask = [&policies](std::string_view local) {
    return outcome(policies->recipients.answer(address(local, "example.org"), false));
  };

  BOOST_TEST(ask("anyone") == "anyone@example.org");
  BOOST_TEST(ask("user%foreign.example").starts_with("554 5.7.1 "));
  BOOST_TEST(ask("foreign.example!user").starts_with("554 5.7.1 "));
  BOOST_TEST(ask("user@foreign.example").starts_with("554 5.7.1 "));
}

BOOST_AUTO_TEST_CASE(postmaster_is_always_accepted_at_our_domains) {
  BOOST_TEST(ask_edge("PostMaster", "example.org") == "PostMaster@example.org");
  BOOST_TEST(ask_edge("postmaster", "alias.example") == "postmaster@example.org");
  BOOST_TEST(ask_edge("postmaster", "mx.example.net") == "postmaster@example.org");
  BOOST_TEST(ask_edge("Postmaster", "") == "postmaster@example.org");
  BOOST_TEST(ask_edge("other", "mx.example.net").starts_with("550 5.1.1 "));
  BOOST_TEST(ask_edge("postmaster", "foreign.example").starts_with("554 "));
  BOOST_TEST(expand("postmaster@mx.example.net=boss@example.org", "postmaster", "") ==
             "boss@example.org");
}

BOOST_AUTO_TEST_CASE(
    postmaster_at_our_own_name_has_a_reader_where_that_name_lies_in_a_relay_domain) {
  PolicySettings settings = edge();
  settings.relay_domains.entries = {"example.net"};
  settings.relay_recipient_maps.entries.clear();

  const auto answer =
      open(settings)->recipients.answer(address("postmaster", "mx.example.net"), true);

  BOOST_TEST(outcome(answer) == "postmaster@example.net");
}

BOOST_AUTO_TEST_CASE(aliases_expand_through_each_other_without_duplicates) {
  BOOST_TEST(expand("{all@alias.example=a@alias.example, b@example.net User@example.org} "
                    "{a@alias.example=user@example.org b@EXAMPLE.NET}",
                    "all", "alias.example") == "b@example.net User@example.org");
}

BOOST_AUTO_TEST_CASE(an_alias_that_contains_itself_keeps_its_mailbox) {
  BOOST_TEST(expand("{user@example.org=user@example.org, copy@example.net}", "user",
                    "example.org") == "user@example.org copy@example.net");
}

BOOST_AUTO_TEST_CASE(a_loop_ends_and_one_without_a_mailbox_is_retried) {
  BOOST_TEST(expand("{a@alias.example=b@alias.example} "
                    "{b@alias.example=a@alias.example c@example.net}",
                    "a", "alias.example") == "c@example.net");
  BOOST_TEST(expand("a@alias.example=b@alias.example b@alias.example=a@alias.example", "a",
                    "alias.example") == "451 4.3.0 <a@alias.example>: Temporary lookup failure");
}

BOOST_AUTO_TEST_CASE(whole_domains_and_extensions_are_carried_over) {
  BOOST_TEST(expand("@alias.example=@example.net", "x+y", "alias.example") == "x+y@example.net");
  BOOST_TEST(expand("x@alias.example=z@example.net", "x+y", "alias.example") == "z+y@example.net");
  BOOST_TEST(expand("x+y@alias.example=z@example.net", "x+y", "alias.example") == "z@example.net");
  BOOST_TEST(expand("x@alias.example=local", "x", "alias.example") == "local@mx.example.net");
}

BOOST_AUTO_TEST_CASE(expansion_and_nesting_are_bounded) {
  PolicySettings settings = aliases("{a@alias.example=1@x.example 2@x.example 3@x.example}");
  settings.virtual_alias_expansion_limit = 2;
  BOOST_TEST(outcome(open(settings)->recipients.answer(address("a", "alias.example"), false))
                 .starts_with("451 "));
  settings.virtual_alias_expansion_limit = 3;
  BOOST_TEST(outcome(open(settings)->recipients.answer(address("a", "alias.example"), false)) ==
             "1@x.example 2@x.example 3@x.example");

  settings = aliases(
      "1@alias.example=2@alias.example 2@alias.example=3@alias.example "
      "3@alias.example=z@example.net");
  settings.virtual_alias_recursion_limit = 2;
  BOOST_TEST(outcome(open(settings)->recipients.answer(address("1", "alias.example"), false))
                 .starts_with("451 "));
  settings.virtual_alias_recursion_limit = 3;
  BOOST_TEST(outcome(open(settings)->recipients.answer(address("1", "alias.example"), false)) ==
             "z@example.net");
}

BOOST_AUTO_TEST_CASE(an_outage_of_any_table_is_temporary_and_never_user_unknown) {
  PolicySettings domains = edge();
  domains.relay_domains.entries = {"fail:x"};
  PolicySettings users = edge();
  users.relay_recipient_maps.entries = {"fail:x"};
  PolicySettings alias = edge();
  alias.virtual_alias_maps.entries = {"fail:x"};

  for (const PolicySettings& settings : {domains, users, alias}) {
    const auto answer = open(settings)->recipients.answer(address("nobody", "example.org"), false);
    BOOST_TEST((answer.kind == Kind::temporary_error));
    BOOST_TEST(answer.reply.line() == "451 4.3.0 <nobody@example.org>: Temporary lookup failure");
    BOOST_TEST(answer.error.find("fail:x") != std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(wrong_aliases_are_found_when_the_configuration_is_loaded) {
  PolicySettings settings = aliases("{a@alias.example=b@@c} {d@alias.example=,}");
  std::vector<Problem> problems;

  open_policies(settings, "mx.example.net", problems);

  BOOST_TEST(problems.size() == 2U, join(problems));
}

BOOST_AUTO_TEST_SUITE_END()
