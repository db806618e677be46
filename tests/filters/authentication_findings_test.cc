// authentication_findings_test.cc — from findings to what rules ask for.
#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "filters/authentication_findings.h"

using namespace postern;

namespace {

Found found(const std::string& filter, std::string text) {
  return {filter, {.name = filter, .text = std::move(text)}};
}

AuthenticationResults rules_see(std::vector<Found> findings) {
  return authentication_for_rules(findings).value_or(AuthenticationResults{});
}

}  // namespace

BOOST_AUTO_TEST_SUITE(authentication_findings_suite)

BOOST_AUTO_TEST_CASE(without_findings_nothing_was_checked) {
  BOOST_TEST(!authentication_for_rules({}).has_value());
  BOOST_TEST(!authentication_for_rules({found("dnsbl", "spf=pass smtp.mailfrom=a@b.c")}));
}

BOOST_AUTO_TEST_CASE(a_finding_of_another_filter_is_not_believed) {
  Found forged = found("spf", "spf=pass smtp.mailfrom=a@example.org");
  forged.filter = "score";

  BOOST_TEST(!authentication_for_rules({forged}).has_value());
  BOOST_TEST(!authentication_for_rules({found("spf", "dmarc=pass")}).has_value());
}

BOOST_AUTO_TEST_CASE(sender_and_helo_are_told_apart) {
  const auto seen = rules_see({found("spf", "spf=softfail smtp.mailfrom=a@example.org"),
                               found("spf", "spf=pass smtp.helo=mail.example.org")});

  BOOST_TEST((seen.spf_sender == SpfResult::softfail));
  BOOST_TEST((seen.spf_helo == SpfResult::pass));
  BOOST_TEST(!seen.dkim.has_value());
}

BOOST_AUTO_TEST_CASE(a_helo_that_is_no_host_name_was_not_checked) {
  BOOST_TEST(!rules_see({found("spf", "spf=none smtp.helo=localhost")}).spf_helo.has_value());
  BOOST_TEST(!rules_see({found("spf", "spf=none smtp.helo=\"[192.0.2.1]\"")}).spf_helo.has_value());
}

BOOST_AUTO_TEST_CASE(signatures_keep_identity_strength_and_testing) {
  const auto seen = rules_see({found("dkim",
                                     "dkim=pass header.d=example.org header.i=bob@news.example.org "
                                     "policy.key-bits=1024 policy.testing=y"),
                               found("dkim", "dkim=temperror header.d=example.net")});

  BOOST_REQUIRE(seen.dkim.has_value());
  BOOST_REQUIRE(seen.dkim->size() == 2U);
  BOOST_TEST((*seen.dkim)[0].domain == "news.example.org");
  BOOST_TEST((*seen.dkim)[0].valid);
  BOOST_TEST((*seen.dkim)[0].testing);
  BOOST_TEST((*seen.dkim)[0].key_bits == 1024U);
  BOOST_TEST((*seen.dkim)[1].domain == "example.net");
  BOOST_TEST((*seen.dkim)[1].transient_failure);
}

BOOST_AUTO_TEST_CASE(an_unsigned_message_was_checked_and_has_no_signature) {
  const auto seen = rules_see({found("dkim", "dkim=none")});

  BOOST_REQUIRE(seen.dkim.has_value());
  BOOST_TEST(seen.dkim->empty());
}

BOOST_AUTO_TEST_CASE(dmarc_says_what_the_domain_asks_for) {
  using Policy = DmarcResult::Policy;
  const auto seen = rules_see({found(
      "dmarc",
      "dmarc=fail (p=reject) header.from=example.org policy.published-domain-policy=reject")});
  BOOST_TEST(!seen.dmarc->pass);
  BOOST_TEST((seen.dmarc->policy == Policy::reject));

  const auto absent = rules_see({found("dmarc", "dmarc=none header.from=example.org")});
  BOOST_TEST((absent.dmarc->policy == Policy::absent));
  BOOST_TEST(!rules_see({found("dmarc", "dmarc=temperror header.from=a.b")}).dmarc.has_value());
}

BOOST_AUTO_TEST_CASE(a_chain_is_there_or_not_and_holds_or_not) {
  BOOST_TEST(!rules_see({found("spf", "spf=pass smtp.mailfrom=a@example.org")}).arc.has_value());
  BOOST_TEST(rules_see({found("arc", "arc=none")}).arc.value().empty());
  BOOST_TEST(!rules_see({found("arc", "arc=fail header.i=2")}).arc.value().front().valid);
  BOOST_TEST(rules_see({found("arc", "arc=pass header.i=1")}).arc.value().front().valid);
}

BOOST_AUTO_TEST_SUITE_END()
