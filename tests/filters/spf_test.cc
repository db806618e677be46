// spf_test.cc — what the filter makes of SPF: findings always, refusals where they are asked for.
#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "tests/filters/filter_fixture.h"

using namespace postern;

namespace postern {
extern const FilterType spf_filter;
}

namespace {

struct SpfFixture : test::FilterFixture {
  SpfFixture() { configure(spf_filter, ""); }
  void publish(const std::string& domain, std::string record) {
    dns.add(domain, RecordType::txt, std::move(record));
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(spf_suite, SpfFixture)

BOOST_AUTO_TEST_CASE(both_identities_are_reported_in_the_words_of_rfc_8601) {
  publish("example.org", "v=spf1 ip4:192.0.2.0/24 -all");
  publish("mail.example.org", "v=spf1 -all");

  const auto answer = mail();

  BOOST_REQUIRE(answer.has_value());
  BOOST_TEST((answer->verdict == Verdict::pass));
  BOOST_REQUIRE(answer->findings.size() == 2U);
  BOOST_TEST(answer->findings[0].name == "spf");
  BOOST_TEST(answer->findings[0].text == "spf=pass smtp.mailfrom=sender@example.org");
  BOOST_TEST(answer->findings[1].text == "spf=fail smtp.helo=mail.example.org");
}

BOOST_AUTO_TEST_CASE(of_a_null_sender_only_the_helo_is_known) {
  evidence.sender.address = "";
  publish("mail.example.org", "v=spf1 a -all");
  dns.add("mail.example.org", RecordType::a, "192.0.2.1");

  const auto answer = mail();

  BOOST_REQUIRE(answer->findings.size() == 1U);
  BOOST_TEST(answer->findings[0].text == "spf=pass smtp.helo=mail.example.org");
}

BOOST_AUTO_TEST_CASE(a_broken_record_is_told_with_what_is_wrong) {
  publish("example.org", "v=spf1 ipv4:192.0.2.1 -all");

  const auto answer = mail();

  BOOST_TEST(answer->findings[0].text ==
             "spf=permerror reason=\"example.org: wrong term 'ipv4:192.0.2.1'\" "
             "smtp.mailfrom=sender@example.org");
}

BOOST_AUTO_TEST_CASE(a_trusted_client_is_not_asked_about) {
  evidence.connection.trusted = true;
  publish("example.org", "v=spf1 -all");

  const auto answer = mail();

  BOOST_TEST(answer->findings.empty());
  BOOST_TEST(dns.asked.empty());
}

BOOST_AUTO_TEST_CASE(a_fail_is_refused_only_where_that_is_configured) {
  publish("example.org", "v=spf1 -all exp=why.example.org");
  dns.add("why.example.org", RecordType::txt, "%{i} is not ours");
  BOOST_TEST((mail()->verdict == Verdict::pass));

  configure(spf_filter, "reject_fail = true");
  const auto answer = mail();

  BOOST_TEST((answer->verdict == Verdict::reject));
  BOOST_TEST(answer->reply.wire() ==
             "550 5.7.23 SPF fail; example.org explains: 192.0.2.1 is not ours\r\n");
}

BOOST_AUTO_TEST_CASE(a_silent_dns_defers_only_where_that_is_configured) {
  dns.fail("example.org", RecordType::txt);
  BOOST_TEST((mail()->verdict == Verdict::pass));

  configure(spf_filter, "defer_temperror = true");

  BOOST_TEST((mail()->verdict == Verdict::defer));
}

BOOST_AUTO_TEST_SUITE_END()
