#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "rules/headers/received_line.h"
#include "rules/headers/relays.h"
#include "tests/rules/rules_support.h"

using namespace postern;

namespace {

std::string read(std::string_view value) {
  const auto line = read_received(value);
  using Meaning = ReceivedLine::Meaning;
  switch (line.meaning) {
    case Meaning::ignored:
      return "ignored";
    case Meaning::fetched:
      return "fetched";
    case Meaning::unparseable:
      return "unparseable";
    case Meaning::hop:
      return Relays::text_of({line.relay});
  }
  return {};
}

std::string ips(const std::vector<Relay>& relays) {
  std::string out;
  for (const auto& relay : relays) out += relay.ip + ' ';
  return out;
}

constexpr std::string_view ours =
    "from a.example (a.example [10.0.0.5]) by mx.example (Postfix) with ESMTP id 1";
constexpr std::string_view public_one =
    "from b.example (b.example [192.0.2.1]) by a.example (Postfix) with ESMTP id 2";
constexpr std::string_view public_two =
    "from c.example (c.example [192.0.2.2]) by b.example (Postfix) with ESMTP id 3";

NetworkSettings trusting(std::string_view network) {
  NetworkSettings settings;
  settings.trusted.add(network);
  settings.trusted_configured = true;
  return settings;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(relays)

BOOST_AUTO_TEST_CASE(the_words_of_each_program_find_their_places) {
  BOOST_TEST(read("from helo.example (rdns.example [192.0.2.1]) by mx.example (Postfix) with ESMTPS"
                  " id 4XYZ for <a@b.example>; Mon, 2 Jun 2025 10:00:00 +0000 (UTC)") ==
             "[ ip=192.0.2.1 rdns=rdns.example helo=helo.example by=mx.example ident= envfrom="
             " intl=0 id=4XYZ auth= msa=0 ]");
  BOOST_TEST(
      read("from rdns.example ([192.0.2.1] helo=foo ident=joe) by mx.example with esmtps"
           " (Exim 4.96) (envelope-from <s@t.example>) id 1abc; Mon, 2 Jun 2025 10:00:00 +0000") ==
      "[ ip=192.0.2.1 rdns=rdns.example helo=foo by=mx.example ident=joe"
      " envfrom=s@t.example intl=0 id=1abc auth= msa=0 ]");
  BOOST_TEST(read("from unknown (HELO foo) (joe@192.0.2.1) by mx.example with SMTP;"
                  " 2 Jun 2025 10:00:00 -0000") ==
             "[ ip=192.0.2.1 rdns= helo=foo by=mx.example ident=joe envfrom= intl=0 id= auth="
             " msa=0 ]");
  BOOST_TEST(read("from x ([IPv6:2001:db8::7]) by mx.example (8.17/8.17) with ESMTPSA id q12") ==
             "[ ip=2001:db8::7 rdns= helo=x by=mx.example ident= envfrom= intl=0 id=q12"
             " auth=ESMTPSA msa=0 ]");
  BOOST_TEST(read("FROM h.example (r.example [192.0.2.4]) BY mx.example ID 4A.1 ;") ==
             "[ ip=192.0.2.4 rdns=r.example helo=h.example by=mx.example ident= envfrom= intl=0"
             " id=4A.1 auth= msa=0 ]");
}

BOOST_AUTO_TEST_CASE(nothing_in_a_name_can_end_its_place) {
  BOOST_TEST(read("from [x]<y> (r.example [192.0.2.1]) by mx.example (Postfix) with SMTP id 1") ==
             "[ ip=192.0.2.1 rdns=r.example helo=!x!!y! by=mx.example ident= envfrom= intl=0 id="
             " auth= msa=0 ]");
}

BOOST_AUTO_TEST_CASE(mapped_addresses_and_zones_are_put_into_plain_form) {
  BOOST_TEST(read_received("from x ([::ffff:192.0.2.1]) by y (Z) with SMTP").relay.ip ==
             "192.0.2.1");
  const auto link_local =
      read_received("from x (fe80::1%6) by y.example (fe80::2%1) with mapi id 15.1.2.3");
  BOOST_TEST(link_local.relay.ip == "fe80::1");
  BOOST_TEST(link_local.relay.ip_private);
}

BOOST_AUTO_TEST_CASE(what_is_no_handover_is_told_from_what_cannot_be_read) {
  BOOST_TEST(read("by mx.example with SMTP id 1") == "ignored");
  BOOST_TEST(read("(qmail 123 invoked from network); 2 Jun 2025 10:00:00 -0000") == "ignored");
  BOOST_TEST(read("from a.example by b.example; Mon, 2 Jun 2025 10:00:00 +0000") == "ignored");
  BOOST_TEST(read("from x [192.0.2.1 by mx.example, perhaps") == "unparseable");
  BOOST_TEST(read("from h.example with POP3 in some words") == "fetched");
}

BOOST_AUTO_TEST_CASE(unconfigured_trust_ends_at_the_first_public_address) {
  const Relays way({ours, public_one, public_two}, {}, NetworkSettings());

  BOOST_TEST(ips(way.trusted()) == "10.0.0.5 ");
  BOOST_TEST(ips(way.untrusted()) == "192.0.2.1 192.0.2.2 ");
  BOOST_TEST(ips(way.internal()) == ips(way.trusted()));
  BOOST_TEST(way.last_trusted_field() == 0);
}

BOOST_AUTO_TEST_CASE(a_login_is_trusted) {
  const Relays way({"from x ([192.0.2.9]) by mx.example (Z) with ESMTPSA id 1"}, {},
                   NetworkSettings());
  BOOST_TEST(ips(way.trusted()) == "192.0.2.9 ");
}

BOOST_AUTO_TEST_CASE(trusted_networks_decide_where_they_are_given) {
  const Relays way({public_one, ours, public_two}, {}, trusting("192.0.2.1"));

  BOOST_TEST(ips(way.trusted()) == "192.0.2.1 ");
  BOOST_TEST(ips(way.untrusted()) == "10.0.0.5 192.0.2.2 ");
}

BOOST_AUTO_TEST_CASE(below_a_submission_server_all_is_trusted) {
  auto settings = trusting("192.0.2.1");
  settings.msa.add("192.0.2.1");
  const Relays way({public_one, public_two}, {}, settings);

  BOOST_TEST(way.untrusted().empty());
  BOOST_TEST(way.trusted().front().msa);
}

BOOST_AUTO_TEST_CASE(a_hop_can_be_outside_and_trusted) {
  auto settings = trusting("192.0.2.0/24");
  settings.internal.add("192.0.2.1");
  settings.internal_configured = true;
  const Relays way({public_one, public_two}, {}, settings);

  BOOST_TEST(ips(way.trusted()) == "192.0.2.1 192.0.2.2 ");
  BOOST_TEST(ips(way.internal()) == "192.0.2.1 ");
  BOOST_TEST(ips(way.external()) == "192.0.2.2 ");
}

BOOST_AUTO_TEST_CASE(originating_addresses_are_the_lowest_hop) {
  const Relays way({public_one}, {"[203.0.113.7]", "no address"}, NetworkSettings());
  BOOST_TEST(ips(way.untrusted()) == "192.0.2.1 203.0.113.7 ");
}

BOOST_AUTO_TEST_CASE(hostile_fields_cost_no_square) {
  const std::string words(8000, 'a');
  std::string brackets = "from x";
  for (int i = 0; i < 1300; ++i) brackets += " (a) [";
  for (const auto& value :
       {"from " + words + " (" + words, brackets, "from " + std::string(8000, '['),
        "from x (HELO y) (1.2.3.4) by z" + brackets, "from x (authenticated ] ) " + brackets}) {
    BOOST_TEST(is_quick([&] {
      for (int i = 0; i < 20; ++i) read_received(value);
    }));
  }
}

BOOST_AUTO_TEST_SUITE_END()
