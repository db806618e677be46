#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "rules/uris/message_uris.h"

using namespace postern;

namespace {

MessageUris uris_of(std::string_view message, const std::vector<std::string>& body,
                    bool with_dkim = true) {
  DomainSettings domains;
  domains.boundaries.add_top("example");
  domains.parse_dkim_uris = with_dkim;
  Matcher matcher;
  return {MessageParts(message), body, domains, matcher};
}

std::string list(const std::vector<std::string>& entries) {
  std::string out;
  for (const auto& entry : entries) out += "[" + entry + "]";
  return out;
}

constexpr std::string_view signed_message =
    "DKIM-Signature: v=1; d=mail.a.example; bd=x.example; b=+d=\n"
    "dkim-signature: v=1; s=x;\n d =\n b.exam\n ple\n"
    "DomainKey-Signature: d=unknown\n"
    "\n";

}  // namespace

BOOST_AUTO_TEST_SUITE(message_uris)

BOOST_AUTO_TEST_CASE(uri_rules_see_each_form_once_and_sorted) {
  const auto uris = uris_of("\n", {"http://b.example/%41\n", "www.a.example http://b.example/A\n"});

  BOOST_TEST(list(uris.unique()) ==
             "[http://b.example/%41][http://b.example/A][http://www.a.example]");
  BOOST_TEST(uris.detailed().size() == 3U);
}

BOOST_AUTO_TEST_CASE(text_without_a_valid_domain_yields_no_uri) {
  BOOST_TEST(
      uris_of("\n", {"http://a.unknown/ http://localhost/ http://-a.example"}).detailed().empty());
  BOOST_TEST(list(uris_of("\n", {"http://192.0.2.1/"}).detailed()[0].hosts) == "[192.0.2.1]");
}

BOOST_AUTO_TEST_CASE(domains_and_hosts_of_all_forms_are_known) {
  const auto uris = uris_of("\n", {"http://x.b.example/http://a.example/"});

  BOOST_TEST(list(uris.detailed()[0].domains) == "[a.example][b.example]");
  BOOST_TEST(list(uris.detailed()[0].hosts) == "[a.example][x.b.example]");
  BOOST_TEST(uris.detailed()[0].types.contains("parsed"));
}

BOOST_AUTO_TEST_CASE(a_signing_domain_is_a_host_but_nothing_for_uri_rules) {
  const auto uris = uris_of(signed_message, {});

  BOOST_TEST(uris.unique().empty());
  BOOST_TEST_REQUIRE(uris.detailed().size() == 2U);
  BOOST_TEST(uris.detailed()[0].raw == "domainkeys:mail.a.example");
  BOOST_TEST(uris.detailed()[1].raw == "domainkeys:b.example");
  BOOST_TEST(list(uris.detailed()[0].domains) == "[a.example]");
  BOOST_TEST(uris.detailed()[0].types.contains("domainkeys"));
}

BOOST_AUTO_TEST_CASE(signing_domains_can_be_left_out) {
  BOOST_TEST(uris_of(signed_message, {}, false).detailed().empty());
}

BOOST_AUTO_TEST_SUITE_END()
