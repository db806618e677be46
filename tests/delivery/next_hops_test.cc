#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include <set>

#include "tests/delivery/fixture.h"

using namespace postern;
using test::codes;
using test::Fixture;
using test::ScriptedServer;
using test::statuses;

namespace {

Route mx(const std::string& domain, std::uint16_t port = 25) {
  Route route;
  route.use_mx = true;
  route.host = domain;
  route.port = port;
  return route;
}

Route host(const std::string& name) {
  Route route = mx(name);
  route.use_mx = false;
  return route;
}

/// "mx1=192.0.2.1 mx2=192.0.2.2", or the status of the refusal.
std::string hops(Fixture& f, const Route& route) {
  const auto context = f.context();
  const auto found = test::run_task(f.loop, find_hops(context, route));
  if (!found)
    return found.error().enhanced.text() + (found.error().permanent() ? " final" : " later");
  std::string out;
  for (const Hop& hop : *found)
    out += (out.empty() ? "" : " ") + hop.name + "=" + hop.endpoint.host;
  return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(next_hops)

BOOST_AUTO_TEST_CASE(mail_hosts_come_in_the_order_of_their_preference) {
  Fixture f;
  f.resolver.add("d.example", RecordType::mx, "far.example", 20);
  f.resolver.add("d.example", RecordType::mx, "near.example", 10);
  f.resolver.add("far.example", RecordType::a, "192.0.2.2");
  f.resolver.add("near.example", RecordType::a, "192.0.2.1");
  f.resolver.add("near.example", RecordType::aaaa, "2001:db8::1");

  BOOST_TEST(hops(f, mx("d.example")) ==
             "near.example=192.0.2.1 near.example=2001:db8::1 far.example=192.0.2.2");
}

BOOST_AUTO_TEST_CASE(hosts_of_one_preference_take_turns) {
  Fixture f;
  f.resolver.add("d.example", RecordType::mx, "a.example", 10);
  f.resolver.add("d.example", RecordType::mx, "b.example", 10);
  f.resolver.add("a.example", RecordType::a, "192.0.2.1");
  f.resolver.add("b.example", RecordType::a, "192.0.2.2");

  std::set<std::string> orders;
  for (int i = 0; i < 100; ++i) orders.insert(hops(f, mx("d.example")));

  BOOST_TEST(orders.size() == 2U);
}

BOOST_AUTO_TEST_CASE(a_null_mx_is_final_and_asks_for_no_address) {
  Fixture f;
  f.resolver.add("d.example", RecordType::mx, "");
  f.resolver.add("d.example", RecordType::a, "192.0.2.1");

  BOOST_TEST(hops(f, mx("d.example")) == "5.1.10 final");
  BOOST_TEST(f.resolver.asked.size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_null_mx_among_others_is_no_host) {
  Fixture f;
  f.resolver.add("d.example", RecordType::mx, "", 0);
  f.resolver.add("d.example", RecordType::mx, "a.example", 10);
  f.resolver.add("a.example", RecordType::a, "192.0.2.1");

  BOOST_TEST(hops(f, mx("d.example")) == "a.example=192.0.2.1");
}

BOOST_AUTO_TEST_CASE(a_domain_that_does_not_exist_is_final) {
  Fixture f;
  BOOST_TEST(hops(f, mx("no.example")) == "5.1.2 final");
}

BOOST_AUTO_TEST_CASE(a_lookup_that_fails_is_never_read_as_not_found) {
  Fixture f;
  f.resolver.fail("d.example", RecordType::mx);
  BOOST_TEST(hops(f, mx("d.example")) == "4.4.3 later");

  f.resolver.add("e.example", RecordType::mx, "a.example", 10);
  f.resolver.fail("a.example", RecordType::a);
  BOOST_TEST(hops(f, mx("e.example")) == "4.4.3 later");
}

BOOST_AUTO_TEST_CASE(a_failed_lookup_of_one_host_leaves_the_others) {
  Fixture f;
  f.resolver.add("d.example", RecordType::mx, "a.example", 10);
  f.resolver.add("d.example", RecordType::mx, "b.example", 20);
  f.resolver.fail("a.example", RecordType::a);
  f.resolver.add("b.example", RecordType::a, "192.0.2.2");

  BOOST_TEST(hops(f, mx("d.example")) == "b.example=192.0.2.2");
}

BOOST_AUTO_TEST_CASE(a_domain_without_mx_is_its_own_mail_host) {
  Fixture f;
  f.resolver.add("d.example", RecordType::a, "192.0.2.1");

  BOOST_TEST(hops(f, mx("d.example")) == "d.example=192.0.2.1");
}

BOOST_AUTO_TEST_CASE(a_domain_whose_hosts_have_no_address_is_final) {
  Fixture f;
  f.resolver.add("d.example", RecordType::mx, "nowhere.example", 10);
  BOOST_TEST(hops(f, mx("d.example")) == "5.4.4 final");

  f.resolver.add("e.example", RecordType::txt, "no mail here");
  BOOST_TEST(hops(f, mx("e.example")) == "5.4.4 final");
}

BOOST_AUTO_TEST_CASE(a_configured_host_without_address_is_expected_to_come_back) {
  Fixture f;
  BOOST_TEST(hops(f, host("store.example")) == "4.4.4 later");
}

BOOST_AUTO_TEST_CASE(a_numeric_host_asks_nothing) {
  Fixture f;

  BOOST_TEST(hops(f, host("192.0.2.7")) == "192.0.2.7=192.0.2.7");
  BOOST_TEST(hops(f, mx("2001:db8::7")) == "2001:db8::7=2001:db8::7");
  BOOST_TEST(f.resolver.asked.empty());
}

BOOST_AUTO_TEST_CASE(at_most_the_limit_of_addresses_is_tried) {
  Fixture f;
  f.settings->smtp_mx_address_limit = 3;
  f.resolver.add("d.example", RecordType::mx, "many.example", 10);
  for (int i = 1; i < 9; ++i)
    f.resolver.add("many.example", RecordType::a, "192.0.2." + std::to_string(i));

  const auto context = f.context();
  const auto found = test::run_task(f.loop, find_hops(context, mx("d.example")));

  BOOST_TEST(found->size() == 3U);
}

BOOST_AUTO_TEST_CASE(we_never_hand_mail_to_ourselves_nor_to_hosts_as_far_away) {
  Fixture f;
  f.own_listeners = {{Endpoint{"192.0.2.9", 25}}, {}};
  f.resolver.add("d.example", RecordType::mx, "near.example", 5);
  f.resolver.add("d.example", RecordType::mx, "us.example", 10);
  f.resolver.add("d.example", RecordType::mx, "equal.example", 10);
  f.resolver.add("d.example", RecordType::mx, "far.example", 20);
  f.resolver.add("near.example", RecordType::a, "192.0.2.1");
  f.resolver.add("us.example", RecordType::a, "192.0.2.9");
  f.resolver.add("equal.example", RecordType::a, "192.0.2.2");
  f.resolver.add("far.example", RecordType::a, "192.0.2.3");

  for (int i = 0; i < 20; ++i) BOOST_TEST(hops(f, mx("d.example")) == "near.example=192.0.2.1");
}

BOOST_AUTO_TEST_CASE(a_domain_whose_best_host_is_ourselves_loops) {
  Fixture f;
  f.resolver.add("d.example", RecordType::mx, "gate.example", 10);
  f.resolver.add("d.example", RecordType::mx, "far.example", 20);
  f.resolver.add("far.example", RecordType::a, "192.0.2.3");

  BOOST_TEST(hops(f, mx("d.example")) == "5.4.6 final");
}

BOOST_AUTO_TEST_CASE(we_are_found_among_equals_behind_as_many_hosts_as_are_tried) {
  Fixture f;
  f.own_listeners = {{Endpoint{"192.0.2.9", 25}}, {}};
  f.settings->smtp_mx_address_limit = 1;
  for (int i = 7; i < 10; ++i) {
    const std::string name = "mx" + std::to_string(i) + ".example";
    f.resolver.add("d.example", RecordType::mx, name, 10);
    f.resolver.add(name, RecordType::a, "192.0.2." + std::to_string(i));
  }

  for (int i = 0; i < 20; ++i) BOOST_TEST(hops(f, mx("d.example")) == "5.4.6 final");
}

BOOST_AUTO_TEST_CASE(f87_a_route_to_one_of_our_own_listeners_loops) {
  Fixture f;
  f.own_listeners = {{Endpoint{"192.0.2.9", 25}, Endpoint{"", 2525}},
                     {*IpAddress::parse("192.0.2.8")}};
  f.resolver.add("gate.example", RecordType::a, "192.0.2.8");
  f.resolver.add("pair.example", RecordType::a, "192.0.2.9");
  f.resolver.add("pair.example", RecordType::a, "192.0.2.10");
  const auto at = [](const std::string& name, std::uint16_t port) {
    Route route = host(name);
    route.port = port;
    return route;
  };

  BOOST_TEST(hops(f, at("192.0.2.9", 25)) == "5.4.6 final");
  BOOST_TEST(hops(f, at("gate.example", 2525)) == "5.4.6 final");
  BOOST_TEST(hops(f, at("127.0.0.77", 2525)) == "5.4.6 final");
  BOOST_TEST(hops(f, at("pair.example", 25)) == "pair.example=192.0.2.10");
  BOOST_TEST(hops(f, at("192.0.2.9", 24)) == "192.0.2.9=192.0.2.9");
  BOOST_TEST(hops(f, at("gate.example", 25)) == "gate.example=192.0.2.8");
}

BOOST_AUTO_TEST_CASE(own_listeners_know_every_way_to_write_them) {
  const OwnListeners all({Endpoint{"::", 25}, Endpoint{"0.0.0.0", 26}, Endpoint{"192.0.2.1", 27}},
                         {*IpAddress::parse("192.0.2.1"), *IpAddress::parse("2001:db8::1")});

  BOOST_TEST(all.contains("2001:DB8:0::1", 25));
  BOOST_TEST(all.contains("::ffff:192.0.2.1", 26));
  BOOST_TEST(all.contains("0.0.0.0", 26));
  BOOST_TEST(all.contains("::1", 25));
  BOOST_TEST(!all.contains("192.0.2.2", 25));
  BOOST_TEST(!all.contains("127.0.0.1", 27));
  BOOST_TEST(!all.contains("host.example", 25));
}

BOOST_AUTO_TEST_CASE(this_machine_has_a_loopback_address) {
  const auto found = interface_addresses();
  BOOST_TEST(std::ranges::any_of(found, &IpAddress::is_loopback));
}

BOOST_AUTO_TEST_CASE(the_next_host_is_tried_after_one_that_does_not_answer_or_defers) {
  const std::string hello =
      "S: 220 store\nC: EHLO gate.example\nS= 250-store\\r\\n250 PIPELINING\\r\\n\n";
  const std::string taken =
      "C: MAIL*\nC: RCPT*\nC: DATA\nS: 250 ok\nS: 250 ok\nS: 354 go\nD:\nS: 250 ok\nC: QUIT\n";
  ScriptedServer second(
      {hello + "C: MAIL*\nC: RCPT TO:<one*\nC: RCPT TO:<two*\nC: RCPT TO:<three*\nC: DATA\n"
               "S: 250 ok\nS: 450 4.2.0 greylisted\nS: 250 ok\nS: 550 5.1.1 no\nS: 354 go\nD:\n"
               "S: 250 ok\nC: QUIT\n"},
      Endpoint{"127.0.0.3", 0});
  ScriptedServer third(
      {hello + "C: MAIL*\nC: RCPT TO:<one*\n" + taken.substr(taken.find("C: DATA"))},
      Endpoint{"127.0.0.4", second.port()});
  Fixture f;
  f.recipient("two@example.com");
  f.recipient("three@example.com");
  for (const char* const n : {"2", "3", "4"}) {  // nobody listens on 127.0.0.2
    const std::string name = std::string("mx") + n + ".example";
    f.resolver.add("d.example", RecordType::mx, name, static_cast<std::uint16_t>(n[0]));
    f.resolver.add(name, RecordType::a, std::string("127.0.0.") + n);
  }

  const auto outcome = f.deliver_once(mx("d.example", second.port()));

  BOOST_TEST(second.finish() == "");
  BOOST_TEST(third.finish() == "");
  BOOST_TEST(codes(outcome) == "250 250 550");
  BOOST_TEST(outcome.remote == "mx4.example[127.0.0.4]:" + std::to_string(second.port()));
}

BOOST_AUTO_TEST_CASE(f87_a_server_with_our_own_name_gets_no_mail_and_none_behind_it_does) {
  const std::string us =
      "S: 220 x\nC: EHLO gate.example\nS= 250-GATE.example hi\\r\\n250 DSN\\r\\n\nC: QUIT\n";
  for (const bool better_host : {false, true}) {
    ScriptedServer ourselves({us}, Endpoint{"127.0.0.3", 0});
    const auto farther = listen_on(Endpoint{"127.0.0.4", ourselves.port()}, 1, false);
    Fixture f;
    for (const char* const n : {"2", "3", "4"}) {  // nobody listens on 127.0.0.2
      if (n[0] == '2' && !better_host) continue;
      const std::string name = std::string("mx") + n + ".example";
      f.resolver.add("d.example", RecordType::mx, name, static_cast<std::uint16_t>(n[0]));
      f.resolver.add(name, RecordType::a, std::string("127.0.0.") + n);
    }

    const auto outcome = f.deliver_once(mx("d.example", ourselves.port()));

    BOOST_TEST(ourselves.finish() == "");
    BOOST_TEST(statuses(outcome) == (better_host ? "4.4.6" : "5.4.6"));
    BOOST_TEST(::accept(farther->get(), nullptr, nullptr) == -1);
  }
}

BOOST_AUTO_TEST_CASE(f87_mail_waits_where_an_administrator_names_a_server_with_our_own_name) {
  ScriptedServer server(
      {"S: 220 x\nC: EHLO gate.example\nS: 502 what\nC: HELO gate.example\n"
       "S: 250 gate.example\nC: QUIT\n"});
  Fixture f;

  BOOST_TEST(statuses(f.deliver_once(Fixture::smtp_to(server.port()))) == "4.4.6");
  BOOST_TEST(server.finish() == "");
}

BOOST_AUTO_TEST_CASE(a_store_that_speaks_lmtp_may_have_our_name) {
  ScriptedServer server(
      {"S: 220 x\nC: LHLO gate.example\nS: 250 gate.example\nC: MAIL*\nS: 250 ok\n"
       "C: RCPT*\nS: 250 ok\nC: DATA\nS: 354 go\nD:\nS: 250 ok\nC: QUIT\n"});
  Fixture f;

  const auto outcome = f.deliver_once(Fixture::lmtp_to(server.port()));

  BOOST_TEST(server.finish() == "");
  BOOST_TEST(codes(outcome) == "250");
  BOOST_TEST((outcome.recipients.at(0).handover == Handover::delivered));
}

BOOST_AUTO_TEST_CASE(what_may_have_been_delivered_is_not_tried_elsewhere_at_once) {
  ScriptedServer first(
      {"S: 220 store\nC: EHLO gate.example\nS= 250-store\\r\\n250 PIPELINING\\r\\n\n"
       "C: MAIL*\nC: RCPT*\nC: DATA\nS: 250 ok\nS: 250 ok\nS: 354 go\nD:\nX:\n"},
      Endpoint{"127.0.0.2", 0});
  const auto second = listen_on(Endpoint{"127.0.0.3", first.port()}, 1, false);
  Fixture f;
  f.settings->smtp_helo_timeout = seconds(2);
  f.resolver.add("d.example", RecordType::mx, "a.example", 10);
  f.resolver.add("d.example", RecordType::mx, "b.example", 20);
  f.resolver.add("a.example", RecordType::a, "127.0.0.2");
  f.resolver.add("b.example", RecordType::a, "127.0.0.3");

  const auto outcome = f.deliver_once(mx("d.example", first.port()));

  BOOST_TEST(first.finish() == "");
  BOOST_TEST(statuses(outcome) == "4.4.2");
  BOOST_TEST(::accept(second->get(), nullptr, nullptr) == -1);
}

BOOST_AUTO_TEST_CASE(at_most_the_limit_of_servers_that_answer_is_talked_to) {
  const std::string busy = "S: 421 4.3.2 busy\nW:\n";
  ScriptedServer first({busy}, Endpoint{"127.0.0.2", 0});
  ScriptedServer second({busy}, Endpoint{"127.0.0.3", first.port()});
  const auto third = listen_on(Endpoint{"127.0.0.4", first.port()}, 1, false);
  Fixture f;
  f.settings->smtp_helo_timeout = seconds(2);
  for (const char* const n : {"2", "3", "4"}) {
    const std::string name = std::string("mx") + n + ".example";
    f.resolver.add("d.example", RecordType::mx, name, static_cast<std::uint16_t>(n[0]));
    f.resolver.add(name, RecordType::a, std::string("127.0.0.") + n);
  }

  const auto outcome = f.deliver_once(mx("d.example", first.port()));

  BOOST_TEST(first.finish() == "");
  BOOST_TEST(second.finish() == "");
  BOOST_TEST(codes(outcome) == "421");
  BOOST_TEST(!outcome.reached);
  BOOST_TEST(::accept(third->get(), nullptr, nullptr) == -1);
}

BOOST_AUTO_TEST_CASE(routes_without_a_next_hop_answer_themselves) {
  Fixture f;
  Route discard;
  discard.transport = Route::Transport::discard;
  Route error;
  error.transport = Route::Transport::error;
  error.text = "5.2.1 mailbox closed";

  BOOST_TEST(codes(f.deliver_once(discard)) == "250");
  BOOST_TEST(statuses(f.deliver_once(error)) == "5.2.1");
}

BOOST_AUTO_TEST_SUITE_END()
