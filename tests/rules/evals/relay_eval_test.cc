#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "tests/rules/evals/evals_support.h"

using namespace postern;

namespace {

/// A message whose untrusted hops are these, from the top: "HELO RDNS IP BY".
std::string message_over(std::initializer_list<std::string_view> hops) {
  std::string out;
  for (const auto hop : hops) {
    const auto w = words(hop);
    out += "Received: from " + std::string(w[0]) + " (" + std::string(w[1]) + " [" +
           std::string(w[2]) + "]) by " + std::string(w[3]) + " (Postfix) with ESMTP id 1\r\n";
  }
  return out + "From: Joe <joe@shop.example>\r\nSubject: x\r\n\r\nHello.\r\n";
}

double ask(std::string_view function, std::initializer_list<std::string_view> hops) {
  return evaluate(function, {}, message_over(hops));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(relay_eval)

BOOST_AUTO_TEST_CASE(only_a_way_without_strangers_is_all_trusted) {
  BOOST_TEST(ask("check_all_trusted", {"a b.example 10.0.0.1 c.example"}) == 1);
  BOOST_TEST(ask("check_all_trusted", {"a b.example 192.0.2.1 c.example"}) == 0);
  BOOST_TEST(ask("check_all_trusted", {}) == 0);
  BOOST_TEST(ask("check_no_relays", {}) == 1);
}

BOOST_AUTO_TEST_CASE(an_unreadable_field_is_noticed) {
  constexpr std::string_view message = "Received: from x [192.0.2.1 by y, perhaps\r\n\r\n";
  BOOST_TEST(evaluate("check_relays_unparseable", {}, message) == 1);
  BOOST_TEST(evaluate("check_no_relays", {}, message) == 0);
}

BOOST_AUTO_TEST_CASE(a_helo_may_differ_within_its_network) {
  BOOST_TEST(ask("helo_ip_mismatch", {"192.0.2.9 r.example 192.0.2.1 c.example"}) == 0);
  BOOST_TEST(ask("helo_ip_mismatch", {"198.51.100.9 r.example 192.0.2.1 c.example"}) == 1);
  BOOST_TEST(ask("helo_ip_mismatch", {"10.1.1.1 r.example 192.0.2.1 c.example"}) == 0);
}

BOOST_AUTO_TEST_CASE(a_great_provider_has_reverse_dns) {
  BOOST_TEST(ask("check_for_no_rdns_dotcom_helo", {"mx.aol.com unknown 192.0.2.1 c.example"}) == 1);
  BOOST_TEST(ask("check_for_no_rdns_dotcom_helo", {"mx.aol.com r.example 192.0.2.1 c.example"}) ==
             0);
  BOOST_TEST(ask("check_for_no_rdns_dotcom_helo", {"notaol.com unknown 192.0.2.1 c.example"}) == 0);
}

BOOST_AUTO_TEST_CASE(two_hops_that_do_not_fit_make_a_forged_trail) {
  BOOST_TEST(ask("check_for_forged_received_trail",
                 {"a r1.one-a.org 192.0.2.1 mx.us.org", "b r2.two-b.org 192.0.2.2 mx.three.org",
                  "c r3.four.org 192.0.2.3 mx.five.org"}) == 1);
  BOOST_TEST(ask("check_for_forged_received_trail",
                 {"a r1.one.org 192.0.2.1 mx.us.org", "b r2.two.org 192.0.2.2 mx.one.org",
                  "c r3.four.org 192.0.2.3 mx.two.org"}) == 0);
}

BOOST_AUTO_TEST_CASE(a_senders_domain_is_looked_for_among_the_hops) {
  const auto message = message_over({"a out.shop.example 192.0.2.1 mx.shop.example"});
  constexpr std::string_view function = "check_for_from_domain_in_received_headers";
  BOOST_TEST(evaluate(function, {"shop.example", "true"}, message) == 1);
  BOOST_TEST(evaluate(function, {"shop.example", "false"}, message) == 0);
  BOOST_TEST(evaluate(function, {"other.example", "false"}, message) == 0);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(vbounce)

BOOST_AUTO_TEST_CASE(a_bounce_that_quotes_our_relay_is_ours) {
  RuleSettings settings;
  apply(bounce_directives(), "welcomelist_bounce_relays out*.example.org", settings);
  constexpr std::string_view function = "check_welcomelist_bounce_relays";
  constexpr std::string_view header = "Subject: Undelivered\r\n\r\n";
  const auto asked = [&](std::string_view body) {
    return evaluate(function, {}, std::string(header) + std::string(body), settings);
  };

  BOOST_TEST(asked("> Received: from x by out1.example.org with SMTP\r\n") == 1);
  BOOST_TEST(asked("Received: from x\r\n\tby out2.example.org (y)\r\n") == 1);
  BOOST_TEST(asked("Received: from x by in.example.org with SMTP\r\n") == 0);
  BOOST_TEST(asked("We received: out1.example.org is mentioned\r\n") == 0);
  BOOST_TEST(evaluate("have_any_bounce_relays", {}, header, settings) == 1);
  BOOST_TEST(evaluate("have_any_bounce_relays", {}, header) == 0);
}

BOOST_AUTO_TEST_SUITE_END()
