// spf_check_test.cc — check_host() over a zone in memory: matches, limits, and what goes wrong.
#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include <fmt/format.h>

#include "filters/spf/check.h"
#include "tests/support/fake_resolver.h"
#include "tests/support/run_task.h"

using namespace postern;

namespace {

struct Zone {
  Loop loop;
  test::FakeResolver dns;
  std::string client = "192.0.2.1";
  std::string helo = "mail.example.net";

  void publish(const std::string& domain, std::string record) {
    dns.add(domain, RecordType::txt, std::move(record));
  }
  spf::Outcome outcome(std::string sender = "bob@example.org") {
    spf::Question question;
    question.client = *IpAddress::parse(client);
    question.sender = std::move(sender);
    question.helo = helo;
    return test::run_task(loop, spf::check(dns, std::move(question), SteadyTime::max()));
  }
  std::string result() { return std::string(spf::result_name(outcome().result)); }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(spf_check_suite, Zone)

BOOST_AUTO_TEST_CASE(a_domain_without_a_record_says_nothing) {
  BOOST_TEST(result() == "none");
  publish("example.org", "google-site-verification=x");
  BOOST_TEST(result() == "none");
  BOOST_TEST((outcome("bob@[192.0.2.1]").result == SpfResult::none));
  BOOST_TEST((outcome("bob@example..org").result == SpfResult::none));
}

BOOST_AUTO_TEST_CASE(two_records_are_a_mistake_and_a_failing_dns_is_not_no_record) {
  publish("example.org", "v=spf1 -all");
  publish("example.org", "v=spf1 +all");
  BOOST_TEST(result() == "permerror");
  dns.fail("example.net", RecordType::txt);
  BOOST_TEST((outcome("bob@example.net").result == SpfResult::temperror));
}

BOOST_AUTO_TEST_CASE(mx_hosts_match_by_their_addresses_of_the_clients_family) {
  publish("example.org", "v=spf1 mx//64 -all");
  dns.add("example.org", RecordType::mx, "mx.example.org", 10);
  dns.add("mx.example.org", RecordType::a, "192.0.2.1");
  dns.add("mx.example.org", RecordType::aaaa, "2001:db8::1");
  BOOST_TEST(result() == "pass");
  client = "192.0.2.2";
  BOOST_TEST(result() == "fail");
  client = "2001:db8::ffff";
  BOOST_TEST(result() == "pass");
}

BOOST_AUTO_TEST_CASE(a_mapped_client_is_an_ipv4_client) {
  publish("example.org", "v=spf1 ip6:::ffff:192.0.2.0/112 ip4:192.0.2.1 -all");
  client = "::ffff:192.0.2.1";

  BOOST_TEST(outcome().reason == "ip4 of example.org");
}

BOOST_AUTO_TEST_CASE(an_included_fail_does_not_match_and_an_included_nothing_is_a_mistake) {
  publish("example.org", "v=spf1 include:a.example.org ~all");
  publish("a.example.org", "v=spf1 -all");
  BOOST_TEST(result() == "softfail");
  publish("example.net", "v=spf1 include:missing.example.org ~all");
  BOOST_TEST((outcome("bob@example.net").result == SpfResult::permerror));
}

BOOST_AUTO_TEST_CASE(redirect_takes_over_result_and_explanation) {
  publish("example.org", "v=spf1 redirect=a.example.org exp=never.example.org");
  publish("a.example.org", "v=spf1 -all exp=why.%{d}");
  dns.add("why.a.example.org", RecordType::txt, "%{s} is not sent by %{c}, says %{d}");

  const auto found = outcome();

  BOOST_TEST((found.result == SpfResult::fail));
  BOOST_TEST(found.explanation == "bob@example.org is not sent by 192.0.2.1, says a.example.org");
}

BOOST_AUTO_TEST_CASE(a_client_s_name_counts_only_when_it_leads_back) {
  publish("example.org", "v=spf1 ptr -all");
  dns.add("1.2.0.192.in-addr.arpa", RecordType::ptr, "mail.example.org");
  BOOST_TEST(result() == "fail");
  dns.add("mail.example.org", RecordType::a, "192.0.2.1");
  BOOST_TEST(result() == "pass");
}

BOOST_AUTO_TEST_CASE(a_name_below_another_domain_with_the_same_end_is_not_validated) {
  publish("example.org", "v=spf1 ptr -all");
  dns.add("1.2.0.192.in-addr.arpa", RecordType::ptr, "notexample.org");
  dns.add("notexample.org", RecordType::a, "192.0.2.1");

  BOOST_TEST(result() == "fail");
}

BOOST_AUTO_TEST_CASE(the_eleventh_term_that_asks_is_too_many) {
  std::string record = "v=spf1";
  for (int i = 0; i < 10; ++i) record += " a:host.example.org";
  dns.add("host.example.org", RecordType::a, "192.0.2.99");
  publish("example.org", record + " ~all");
  BOOST_TEST(result() == "softfail");
  publish("example.net", record + " a:host.example.org ~all");
  BOOST_TEST((outcome("bob@example.net").result == SpfResult::permerror));
}

BOOST_AUTO_TEST_CASE(records_that_include_each_other_end) {
  publish("example.org", "v=spf1 include:example.org -all");

  BOOST_TEST(result() == "permerror");
  BOOST_TEST(dns.asked.size() <= 12U);
}

BOOST_AUTO_TEST_CASE(the_third_question_without_an_answer_is_too_many) {
  publish("example.org", "v=spf1 a:x.example.org a:y.example.org ~all");
  BOOST_TEST(result() == "softfail");
  publish("example.net", "v=spf1 a:x.example.org a:y.example.org a:z.example.org ~all");
  BOOST_TEST((outcome("bob@example.net").result == SpfResult::permerror));
}

BOOST_AUTO_TEST_CASE(eleven_mx_hosts_are_too_many) {
  publish("example.org", "v=spf1 mx ~all");
  for (int i = 0; i < 11; ++i) {
    const std::string host = fmt::format("mx{}.example.org", i);
    dns.add("example.org", RecordType::mx, host, 10);
    dns.add(host, RecordType::a, "192.0.2.99");
  }

  BOOST_TEST(result() == "permerror");
}

BOOST_AUTO_TEST_CASE(without_a_sender_the_postmaster_of_the_helo_is_meant) {
  publish("mail.example.net", "v=spf1 exists:%{l}.%{o} -all");
  dns.add("postmaster.mail.example.net", RecordType::a, "127.0.0.1");

  BOOST_TEST((outcome("").result == SpfResult::pass));
}

BOOST_AUTO_TEST_SUITE_END()
