#define BOOST_TEST_DYN_LINK
#include "policies/settings.h"

#include <boost/test/unit_test.hpp>

#include "policies/policies.h"
#include "policies/rate.h"
#include "policies/retry.h"
#include "tests/policies/open_maps.h"

using namespace postern;

BOOST_AUTO_TEST_SUITE(settings)

BOOST_AUTO_TEST_CASE(the_keys_are_read_by_postfix_names) {
  PolicySettings policy;
  RetrySettings retry;
  RateSettings rate;

  const auto problems = read_config_text(
      "mynetworks = ['10.0.0.0/8']\n"
      "relay_domains = ['example.org', 'example.net']\n"
      "relayhost = '[smart]:587'\n"
      "recipient_delimiter = '+'\n"
      "minimal_backoff_time = '1m'\n"
      "smtpd_client_ipv6_prefix_length = 64\n",
      "p.toml", [&](Keys& keys) {
        describe(policy, keys);
        describe(retry, keys);
        describe(rate, keys);
      });

  BOOST_TEST(problems.empty(), join(problems));
  BOOST_TEST(policy.mynetworks.entries.size() == 1U);
  BOOST_TEST(policy.relay_domains.entries.size() == 2U);
  BOOST_TEST(policy.relayhost.text == "[smart]:587");
  BOOST_TEST(policy.recipient_delimiter == "+");
  BOOST_TEST(retry.minimal_backoff_time.count() == 60000);
  BOOST_TEST(rate.smtpd_client_ipv6_prefix_length == 64);
}

BOOST_AUTO_TEST_CASE(a_map_that_cannot_be_opened_is_reported_at_the_line_of_its_key) {
  PolicySettings policy;
  auto problems = read_config_text("# first\nvirtual_alias_maps = ['hash:/nonexistent/x']\n",
                                   "p.toml", [&](Keys& keys) { describe(policy, keys); });
  BOOST_REQUIRE_MESSAGE(problems.empty(), join(problems));

  open_policies(policy, "mx.example.org", problems);

  BOOST_REQUIRE_EQUAL(problems.size(), 1U);
  BOOST_TEST(problems[0].where.starts_with("p.toml:2"), problems[0].where);
  BOOST_TEST(problems[0].what.find("/nonexistent/x") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(backoff_times_in_the_wrong_order_are_a_problem) {
  RetrySettings retry;

  const auto problems = read_config_text("minimal_backoff_time = '2h'\n", "p.toml",
                                         [&](Keys& keys) { describe(retry, keys); });

  BOOST_REQUIRE_EQUAL(problems.size(), 1U);
  BOOST_TEST(problems[0].what.find("minimal_backoff_time") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_defaults_open_and_trust_only_this_machine) {
  std::vector<Problem> problems;

  const auto policies = open_policies({}, "mx.example.org", problems);

  BOOST_TEST(problems.empty());
  BOOST_TEST(policies->mynetworks.contains(*IpAddress::parse("127.0.0.1")).value());
  BOOST_TEST(policies->mynetworks.contains(*IpAddress::parse("::1")).value());
  BOOST_TEST(!policies->mynetworks.contains(*IpAddress::parse("10.0.0.1")).value());
}

BOOST_AUTO_TEST_SUITE_END()
