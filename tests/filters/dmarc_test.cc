// dmarc_test.cc — the author's domain against what spf and dkim found, and the field about it.
#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include <algorithm>

#include "filters/dmarc/evaluate.h"
#include "filters/dmarc/record.h"
#include "tests/filters/filter_fixture.h"

using namespace postern;

namespace postern {
extern const FilterType dmarc_filter;
}

namespace {

struct DmarcFixture : test::FilterFixture {
  DmarcFixture() { configure(dmarc_filter, "authserv_id = \"mx.example.net\""); }
  void publish(const std::string& domain, std::string record) {
    dns.add("_dmarc." + domain, RecordType::txt, std::move(record));
  }
  void found(const std::string& filter, std::string text) {
    evidence.findings.push_back({filter, {.name = filter, .text = std::move(text)}});
  }
  Opinion from(std::string address, std::string more = "") {
    auto answer = message("From: " + address + "\r\n" + more + "\r\nbody\r\n");
    return answer ? std::move(*answer) : Opinion{};
  }
  std::string result(std::string address) { return from(std::move(address)).findings.at(0).text; }
};

std::vector<std::string> removed(const Opinion& opinion) {
  std::vector<std::string> out;
  for (const Change& change : opinion.changes)
    if (change.kind == Change::Kind::remove_field) out.push_back(change.value);
  return out;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(dmarc_suite, DmarcFixture)

BOOST_AUTO_TEST_CASE(records_are_read_strictly_where_it_matters) {
  using dmarc::Policy;
  BOOST_TEST(dmarc::is_record("v = DMARC1 ; p=none"));
  BOOST_TEST(!dmarc::is_record("v=dmarc1; p=none"));
  BOOST_TEST(!dmarc::is_record("p=none; v=DMARC1"));
  const auto record = dmarc::parse_record(
      "v=DMARC1; p=Reject; sp=quarantine; adkim=s; aspf=r; pct=30; fo=1; rua=mailto:a@b.c;");
  BOOST_REQUIRE(record.has_value());
  BOOST_TEST((record->policy == Policy::reject));
  BOOST_TEST((record->subdomain_policy == Policy::quarantine));
  BOOST_TEST(record->strict_dkim);
  BOOST_TEST(!record->strict_spf);
  BOOST_TEST(record->percent == 30U);
  BOOST_TEST(!dmarc::parse_record("v=DMARC1").has_value());
  BOOST_TEST(!dmarc::parse_record("v=DMARC1; p=maybe").has_value());
  BOOST_TEST(!dmarc::parse_record("v=DMARC1; p=none; junk").has_value());
  BOOST_TEST((dmarc::parse_record("v=DMARC1; p=maybe; rua=mailto:a@b.c")->policy == Policy::none));
  BOOST_TEST(!dmarc::parse_record("v=DMARC1; p=none" + std::string(dmarc::longest_record, ';'))
                  .has_value());
}

BOOST_AUTO_TEST_CASE(either_aligned_method_is_enough) {
  publish("example.org", "v=DMARC1; p=reject");
  BOOST_TEST(result("a@example.org") ==
             "dmarc=fail (p=reject) header.from=example.org policy.published-domain-policy=reject");
  found("spf", "spf=pass smtp.mailfrom=bounce@news.example.org");
  BOOST_TEST(result("a@example.org").starts_with("dmarc=pass"));
  evidence.findings.clear();
  found("spf", "spf=pass smtp.mailfrom=bounce@example.net");
  found("dkim", "dkim=fail header.d=example.org");
  BOOST_TEST(result("a@example.org").starts_with("dmarc=fail"));
  found("dkim", "dkim=pass header.d=mail.example.org");
  BOOST_TEST(result("a@example.org").starts_with("dmarc=pass"));
}

BOOST_AUTO_TEST_CASE(strict_alignment_wants_the_same_name) {
  publish("example.org", "v=DMARC1; p=none; adkim=s; aspf=s");
  found("spf", "spf=pass smtp.mailfrom=a@news.example.org");
  found("dkim", "dkim=pass header.d=news.example.org");
  BOOST_TEST(result("a@example.org").starts_with("dmarc=fail (p=none)"));
  found("dkim", "dkim=pass header.d=Example.org");
  BOOST_TEST(result("a@example.org").starts_with("dmarc=pass"));
}

BOOST_AUTO_TEST_CASE(a_passed_helo_speaks_for_a_null_sender_only) {
  publish("example.org", "v=DMARC1; p=reject");
  found("spf", "spf=pass smtp.helo=mail.example.org");
  BOOST_TEST(result("a@example.org").starts_with("dmarc=pass"));
  found("spf", "spf=none smtp.mailfrom=a@example.net");
  BOOST_TEST(result("a@example.org").starts_with("dmarc=fail"));
}

BOOST_AUTO_TEST_CASE(a_subdomain_inherits_from_its_organisation_and_not_from_a_public_suffix) {
  publish("example.co.uk", "v=DMARC1; p=reject; sp=quarantine");
  publish("co.uk", "v=DMARC1; p=reject");
  BOOST_TEST(result("a@x.y.example.co.uk").starts_with("dmarc=fail (p=quarantine)"));
  BOOST_TEST(result("a@other.co.uk") == "dmarc=none header.from=other.co.uk");
}

BOOST_AUTO_TEST_CASE(what_cannot_be_found_out_is_no_fail) {
  dns.fail("_dmarc.example.org", RecordType::txt);
  publish("example.net", "v=DMARC1; p=reject");
  publish("example.net", "v=DMARC1; p=none");
  publish("example.com", "v=DMARC1; q=reject");
  BOOST_TEST(result("a@example.org").starts_with("dmarc=temperror"));
  BOOST_TEST(result("a@example.net") == "dmarc=none header.from=example.net");
  BOOST_TEST(result("a@example.com").starts_with("dmarc=permerror"));
  BOOST_TEST(result("nobody") == "dmarc=none");
  BOOST_TEST(result("a@ Example.org.").starts_with("dmarc=temperror"));
}

BOOST_AUTO_TEST_CASE(an_aligned_result_that_could_not_be_had_now_is_no_fail) {
  publish("example.org", "v=DMARC1; p=reject");
  found("spf", "spf=fail smtp.mailfrom=a@example.org");
  found("dkim", "dkim=temperror header.d=example.net");
  BOOST_TEST(result("a@example.org").starts_with("dmarc=fail"));
  found("dkim", "dkim=temperror header.d=mail.example.org");
  BOOST_TEST(result("a@example.org").starts_with("dmarc=temperror"));
  found("dkim", "dkim=pass header.d=example.org");
  BOOST_TEST(result("a@example.org").starts_with("dmarc=pass"));
}

BOOST_AUTO_TEST_CASE(of_several_authors_the_one_treated_worst_decides) {
  publish("example.org", "v=DMARC1; p=none");
  publish("example.net", "v=DMARC1; p=reject");
  BOOST_TEST(result("a@example.org, b@example.net").starts_with("dmarc=fail (p=reject)"));
  BOOST_TEST(from("a@example.org", "From: b@example.net\r\n")
                 .findings.at(0)
                 .text.starts_with("dmarc=fail (p=reject)"));
}

BOOST_AUTO_TEST_CASE(a_policy_is_enforced_only_where_that_is_configured_and_as_often_as_asked) {
  publish("example.org", "v=DMARC1; p=reject");
  publish("example.net", "v=DMARC1; p=quarantine");
  publish("example.com", "v=DMARC1; p=reject; pct=50");
  BOOST_TEST((from("a@example.org").verdict == Verdict::pass));

  configure(dmarc_filter, "enforce = true");

  BOOST_TEST((from("a@example.org").verdict == Verdict::reject));
  BOOST_TEST((from("a@example.net").verdict == Verdict::quarantine));
  evidence.id.value = 149;
  BOOST_TEST((from("a@example.com").verdict == Verdict::reject));
  evidence.id.value = 150;
  BOOST_TEST((from("a@example.com").verdict == Verdict::quarantine));
}

BOOST_AUTO_TEST_CASE(the_field_holds_all_results_without_what_only_rules_want) {
  publish("example.org", "v=DMARC1; p=none");
  found("spf", "spf=pass smtp.mailfrom=a@example.org");
  found("dkim", "dkim=pass header.d=example.org policy.key-bits=2048");

  const Opinion opinion = from("a@example.org");

  BOOST_REQUIRE(opinion.changes.size() == 1U);
  BOOST_TEST((opinion.changes[0].kind == Change::Kind::add_field));
  BOOST_TEST(opinion.changes[0].value ==
             "mx.example.net;\r\n\tspf=pass smtp.mailfrom=a@example.org;\r\n"
             "\tdkim=pass header.d=example.org;\r\n"
             "\tdmarc=pass (p=none) header.from=example.org policy.published-domain-policy=none");
}

BOOST_AUTO_TEST_CASE(fields_that_claim_to_be_ours_are_removed_and_no_others) {
  const Opinion opinion = from("a@example.org",
                               "Authentication-Results: MX.example.net; spf=pass\r\n"
                               "Authentication-Results: other.example; dkim=pass\r\n"
                               "authentication-results: (x) \"mx.example.net\" 1; none\r\n");

  BOOST_TEST(removed(opinion) == (std::vector<std::string>{"MX.example.net; spf=pass",
                                                           "(x) \"mx.example.net\" 1; none"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_trusted_client_s_mail_is_not_judged_but_cleaned) {
  evidence.connection.trusted = true;
  publish("example.org", "v=DMARC1; p=reject");

  const Opinion opinion =
      from("a@example.org", "Authentication-Results: mx.example.net; dmarc=pass\r\n");

  BOOST_TEST(opinion.findings.empty());
  BOOST_TEST(opinion.changes.size() == 1U);
}

BOOST_AUTO_TEST_SUITE_END()
