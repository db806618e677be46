// header_tokens_test.cc — what the fields of a header give.
#include "rules/bayes/header_tokens.h"

#include <boost/test/unit_test.hpp>
#include <set>

namespace postern {
namespace {

using Set = std::set<std::string>;

Set tokens(const std::vector<HeaderText>& fields, const std::vector<HeaderText>& relays = {},
           const BayesSettings& settings = {}) {
  Matcher matcher;
  TokenBag bag(TokenBag::Texts::keep);
  add_header_tokens(fields, relays, settings, matcher, bag);
  Set out;
  for (auto& named : bag.take_named()) out.insert(named.text);
  return out;
}

BOOST_AUTO_TEST_SUITE(bayes_header_tokens)

BOOST_AUTO_TEST_CASE(a_field_of_any_name_gives_its_words_with_the_name) {
  BOOST_TEST(tokens({{"X-Organ", "Lung"}}) == (Set{"HX-Organ:Lung"}));
}

BOOST_AUTO_TEST_CASE(common_names_are_short_and_addresses_come_twice) {
  BOOST_TEST(tokens({{"From", "Joe Doe <joe@example.org>"}}) ==
             (Set{"H*F:N*Joe", "H*F:N*Doe", "H*F:U*joe", "H*F:D*example.org", "H*F:D*org",
                  "H*Ad:N*Joe", "H*Ad:N*Doe", "H*Ad:U*joe", "H*Ad:D*example.org", "H*Ad:D*org"}));
}

BOOST_AUTO_TEST_CASE(what_filters_and_lists_have_written_is_ignored) {
  for (const auto* name :
       {"Subject", "Date", "X-Spam-Status", "List-Id", "X-List-Post", "X-Bugzilla-Who",
        "X-DCC-Server-Metrics", "Resent-To", "X-UIDL", "status", "X-VM-v5-Data", "X-SpamCop-note"})
    BOOST_TEST(is_ignored_header(name), name);
  for (const auto* name :
       {"Subjects", "X-Spam-Statuses", "X-Bugzilla-", "X-DCC-a-Metrics", "List-", "X-VM-vv-Data"})
    BOOST_TEST(!is_ignored_header(name), name);
}

BOOST_AUTO_TEST_CASE(fields_that_the_administrator_names_are_ignored_in_any_case) {
  BayesSettings settings;
  settings.ignored_headers.insert("x-gateway");

  BOOST_TEST(tokens({{"X-GATEWAY", "something"}}, {}, settings).empty());
}

BOOST_AUTO_TEST_CASE(only_the_two_lowest_received_fields_count) {
  const auto found =
      tokens({{"Received", "by first"}, {"Received", "by second"}, {"Received", "by third"}});

  BOOST_TEST(found == (Set{"H*r:second", "H*r:third"}));
}

BOOST_AUTO_TEST_CASE(received_keeps_no_id_and_no_date_and_shows_the_network_of_an_address) {
  const auto found = tokens({{"Received",
                              "from mx (mx.example.org [192.0.2.17]) by here with ESMTP id "
                              "1A2B3C4D5E6F for joe; Sat, 21 Nov 2026 08:15:02 +0000 (UTC)"}});

  BOOST_TEST(found == (Set{"H*r:mx.example.org", "H*r:192.0.2", "H*r:ip*192.0.2.17", "H*r:here",
                           "H*r:joe"}));
}

BOOST_AUTO_TEST_CASE(a_message_id_loses_what_is_only_a_number) {
  BOOST_TEST(tokens({{"Message-ID", "<20261121081502.0A1B2C3D4E@mail.example.org>"}}) ==
             (Set{"H*M:mail", "H*M:example", "H*M:org", "H*MI:mail", "H*MI:example", "H*MI:org"}));
}

BOOST_AUTO_TEST_CASE(outlook_express_keeps_the_upper_digits_of_its_times) {
  BOOST_TEST(tokens({{"Message-Id", "<000701c2a1b3$11223344$0a0b0c0d@desk>"}}) ==
             (Set{"H*m:OEA0007", "H*m:OEB1122", "H*m:OEC0a0b0c0d", "H*m:desk", "H*MI:OEA0007",
                  "H*MI:OEB1122", "H*MI:OEC0a0b0c0d", "H*MI:desk"}));
}

BOOST_AUTO_TEST_CASE(of_a_boundary_only_the_form_is_left) {
  const auto found = tokens({{"Content-Type", "multipart/mixed; boundary=\"--Part_12ab\""}});
  BOOST_TEST(found == (Set{"H*ct:multipart", "H*ct:mixed", "H*ct:PHrt", "H*ct:HHHH"}));
}

BOOST_AUTO_TEST_CASE(signatures_say_nothing) {
  BOOST_TEST(tokens({{"DKIM-Signature", "v=1; a=rsa-sha256; d=example.org"}}).empty());
}

BOOST_AUTO_TEST_CASE(relays_give_their_values_without_the_keys) {
  BOOST_TEST(tokens({}, {{"x-spam-relays-untrusted", "[ ip=192.0.2.1 rdns=a.example auth= ]"}}) ==
             (Set{"H*RU:192.0.2.1", "H*RU:a.example"}));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace postern
