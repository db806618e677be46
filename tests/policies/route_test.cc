#define BOOST_TEST_DYN_LINK
#include "policies/route.h"

#include <boost/test/unit_test.hpp>

#include "policies/policies.h"
#include "tests/policies/open_maps.h"

using namespace postern;

namespace {

Route parse(std::string_view value, std::string_view recipient = "user@example.org") {
  const auto route = parse_route(value, recipient, "+");
  BOOST_REQUIRE_MESSAGE(route, value << ": " << (route ? "" : route.error().what));
  return *route;
}

std::string name(std::string_view value) { return parse(value).name(); }

std::shared_ptr<const Policies> open(const PolicySettings& settings) {
  std::vector<Problem> problems;
  auto policies = open_policies(settings, "mx.example.org", problems);
  BOOST_REQUIRE_MESSAGE(problems.empty(), join(problems));
  return policies;
}

std::string maildir(std::string_view recipient) {
  return parse("maildir:/m/%d/%n", recipient).path;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(routes)

BOOST_AUTO_TEST_CASE(hosts_in_brackets_are_not_asked_for_mx_records) {
  const Route direct = parse("smtp:[Store.example.org]:2525");
  BOOST_TEST(!direct.use_mx);
  BOOST_TEST(direct.host == "store.example.org");
  BOOST_TEST(direct.port == 2525);

  const Route domain = parse("smtp:example.net");
  BOOST_TEST(domain.use_mx);
  BOOST_TEST(domain.port == 25);
  BOOST_TEST(!parse("smtp:192.0.2.1:26").use_mx);
}

BOOST_AUTO_TEST_CASE(names_can_be_parsed_again) {
  for (const char* value :
       {"smtp:[192.0.2.1]:2525", "smtp:[2001:db8::1]", "smtp:example.net:587", "smtp:example.net",
        "lmtp:unix:/run/lmtp", "lmtp:[store]:2424", "lmtp:[store]", "maildir:/m/user",
        "discard:text", "error:5.1.1 gone"}) {
    BOOST_TEST(name(value) == value);
  }
  BOOST_TEST(name("relay:[h]:25") == "smtp:[h]");
  BOOST_TEST(name("smtp:") == "smtp:example.org");
  BOOST_TEST(name("lmtp:inet:store:2424") == "lmtp:[store]:2424");
  BOOST_TEST(name("lmtp:store") == "lmtp:[store]");
  BOOST_TEST(name("smtp:[IPv6:2001:db8::1]:submission") == "smtp:[2001:db8::1]:587");
}

BOOST_AUTO_TEST_CASE(what_makes_no_sense_is_refused) {
  for (const char* wrong :
       {"", "host", "smtp:[host", "smtp:[host]x", "smtp:host:0", "smtp:host:65536", "smtp:host:x",
        "smtp:ho st", "smtp:[]", "smtp:a..b", "lmtp:unix:relative", "maildir:relative",
        "maildir:/m/../etc", "maildir:/m/%x", "maildir:/m/%", "maildir:", "local:", "uucp:x",
        "smtp:[a]:25, [b]:25"}) {
    BOOST_TEST(!parse_route(wrong, "user@example.org", ""), wrong);
  }
}

BOOST_AUTO_TEST_CASE(no_address_leaves_the_maildir_folder_or_shares_one) {
  BOOST_TEST(maildir("User+ext@Example.org") == "/m/example.org/user");
  BOOST_TEST(maildir("\"../../etc\"@example.org") == "/m/example.org/\"..=2F..=2Fetc\"");
  BOOST_TEST(maildir("..@example.org") == "/m/example.org/=2E.");
  BOOST_TEST(maildir(".@example.org") == "/m/example.org/=2E");
  BOOST_TEST(maildir("a/b@example.org") == "/m/example.org/a=2Fb");
  BOOST_TEST(maildir("a=2Fb@example.org") == "/m/example.org/a=3D2fb");
  BOOST_TEST(parse("maildir:/m/%u/%%", "x@example.org").path == "/m/x@example.org/%");
  BOOST_TEST(maildir("") == "/m/=/=");
  BOOST_TEST(!parse_route("maildir:/m/%n", std::string(300, 'x') + "@example.org", ""));
}

BOOST_AUTO_TEST_CASE(errors_carry_their_code) {
  BOOST_TEST(parse("error:5.1.6 moved away").error_reply().line() == "550 5.1.6 moved away");
  BOOST_TEST(parse("error:4.2.1 full").error_reply().line() == "451 4.2.1 full");
  BOOST_TEST(parse("retry:try later").error_reply().line() == "451 4.3.0 try later");
  BOOST_TEST(parse("error:no code").error_reply().line() == "550 5.0.0 no code");
  BOOST_TEST(parse("error:").error_reply().code == 550);
}

BOOST_AUTO_TEST_CASE(recipients_of_one_next_hop_share_a_queue) {
  BOOST_TEST(parse("smtp:[h]:25").destination_key() == parse("smtp:[H]").destination_key());
  BOOST_TEST(parse("smtp:h").destination_key() != parse("smtp:[h]").destination_key());
  BOOST_TEST(parse("maildir:/m/%n", "a@x").destination_key() ==
             parse("maildir:/m/%n", "b@x").destination_key());
}

BOOST_AUTO_TEST_CASE(the_table_asks_maps_then_relay_transport_then_relayhost_then_mx) {
  PolicySettings settings;
  settings.transport_maps.entries = {
      "inline:{ user@example.org=lmtp:unix:/run/u, {.example.net=smtp:[sub]}, colon.org=:, "
      "host.org=:[other]:26 }"};
  settings.relay_domains.entries = {"example.org"};
  settings.relay_transport.text = "lmtp:unix:/run/store";
  const auto mx = open(settings);
  settings.relayhost.text = "[smart.example.com]:587";
  const auto smart = open(settings);
  const auto route = [](const auto& policies, std::string_view address) {
    return policies->routes.route_for(address).value().name();
  };

  BOOST_TEST(route(mx, "user@example.org") == "lmtp:unix:/run/u");
  BOOST_TEST(route(mx, "else@example.org") == "lmtp:unix:/run/store");
  BOOST_TEST(route(mx, "x@a.example.net") == "smtp:[sub]");
  BOOST_TEST(route(mx, "x@example.net") == "smtp:example.net");
  BOOST_TEST(route(mx, "x@host.org") == "smtp:[other]:26");
  BOOST_TEST(route(mx, "x@colon.org") == "smtp:colon.org");
  BOOST_TEST(route(mx, "x@[192.0.2.1]") == "smtp:[192.0.2.1]");
  BOOST_TEST(route(smart, "x@colon.org") == "smtp:[smart.example.com]:587");
  BOOST_TEST(!mx->routes.route_for("nowhere"));
}

BOOST_AUTO_TEST_CASE(an_outage_of_the_transport_map_is_an_error_and_not_another_route) {
  PolicySettings settings;
  settings.transport_maps.entries = {"fail:x"};
  settings.relayhost.text = "[smart]";

  BOOST_TEST(!open(settings)->routes.route_for("x@example.org"));
}

BOOST_AUTO_TEST_CASE(wrong_routes_are_found_when_the_configuration_is_loaded) {
  PolicySettings settings;
  settings.transport_maps.entries = {"inline:{a=smpt:[b], c=:}"};
  settings.relayhost = {"[unclosed", "p:9:1"};
  settings.relay_transport = {"nothing", "p:8:1"};
  std::vector<Problem> problems;

  open_policies(settings, "mx.example.org", problems);

  BOOST_REQUIRE_EQUAL(problems.size(), 3U);
  BOOST_TEST(problems[1].where == "p:8:1");
  BOOST_TEST(problems[2].where == "p:9:1");
}

BOOST_AUTO_TEST_SUITE_END()
