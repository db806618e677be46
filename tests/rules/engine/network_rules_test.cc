// Rules that ask the DNS, from a rule file to the score.
#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include <map>

#include "tests/rules/rules_support.h"

using namespace postern;

namespace {

constexpr std::string_view rules = R"(
util_rb_tld test
header   __IN_ZEN   eval:check_rbl('zen', 'zen.example.')
tflags   __IN_ZEN   net
header   IN_SBL     eval:check_rbl_sub('zen', '127.0.0.2')
tflags   IN_SBL     net
score    IN_SBL     2
urirhssub IN_URIBL  multi.example. A 2
body     IN_URIBL   eval:check_uridnsbl('IN_URIBL')
tflags   IN_URIBL   net
score    IN_URIBL   0 3 0 3
askdns   NEW_DOMAIN _AUTHORDOMAIN_.fresh.example A /^127\.2/
tflags   NEW_DOMAIN net
score    NEW_DOMAIN 1
meta     BOTH       IN_SBL && IN_URIBL
)";

constexpr std::string_view message =
    "Received: from a.test (a.test [198.51.100.9]) by mx.our.test with ESMTP id 1\n"
    "From: x@author.test\nSubject: s\n\nhttp://www.shop.test/\n";

/// Scores the message, answering from `zone`; notes what was asked.
ScanResult scan_with(const LoadedRules& loaded, const std::map<std::string, std::string>& zone,
                     std::vector<std::string>& asked) {
  BOOST_REQUIRE(loaded.problems.empty());
  ScanScratch scratch;
  const ScanInput input{.octets = message};
  MessageScan scan(*loaded.rules, input, scratch);
  for (auto questions = scan.questions(); !questions.empty(); questions = scan.questions()) {
    for (const auto& question : questions) {
      asked.push_back(question.name);
      const auto found = zone.find(question.name);
      scan.answer(question, found == zone.end()
                                ? NetworkAnswer{NetworkAnswer::Status::no_such_name, {}}
                                : NetworkAnswer{NetworkAnswer::Status::found, {found->second}});
    }
  }
  scan.run();
  return scan.finish();
}

ScanResult scan_in(unsigned score_set, const std::map<std::string, std::string>& zone,
                   std::vector<std::string>& asked) {
  return scan_with(load_rules_text(rules, "test.cf", {.score_set = score_set}), zone, asked);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(network_rules)

BOOST_AUTO_TEST_CASE(answers_of_the_dns_become_hits_and_metas_see_them) {
  std::vector<std::string> asked;
  const auto result = scan_in(1,
                              {{"9.100.51.198.zen.example", "127.0.0.2"},
                               {"shop.test.multi.example", "127.0.0.6"},
                               {"author.test.fresh.example", "127.2.0.2"}},
                              asked);

  BOOST_TEST(asked.size() == 3U);
  BOOST_TEST(hits_of(result, "__IN_ZEN") == 1U);
  BOOST_TEST(hits_of(result, "BOTH") == 1U);
  BOOST_TEST(result.score == 2 + 3 + 1 + 1);
}

BOOST_AUTO_TEST_CASE(without_answers_nothing_hits) {
  std::vector<std::string> asked;
  const auto result = scan_in(1, {}, asked);

  BOOST_TEST(asked.size() == 3U);
  BOOST_TEST(result.score == 0);
}

BOOST_AUTO_TEST_CASE(in_local_mode_nothing_is_asked) {
  std::vector<std::string> asked;
  const auto result = scan_in(0, {{"9.100.51.198.zen.example", "127.0.0.2"}}, asked);

  BOOST_TEST(asked.empty());
  BOOST_TEST(result.score == 0);
}

BOOST_AUTO_TEST_CASE(a_list_that_says_to_stay_away_is_asked_no_more_for_a_while) {
  const auto with_block = std::string(rules) + R"(
header BLOCKED eval:check_rbl_sub('zen', '127.255.255.255')
dns_block_rule BLOCKED zen.example
)";
  const auto loaded = load_rules_text(with_block, "test.cf", {.score_set = 1});
  std::vector<std::string> first;
  scan_with(loaded, {{"9.100.51.198.zen.example", "127.255.255.255"}}, first);
  std::vector<std::string> second;
  scan_with(loaded, {}, second);

  BOOST_TEST(first.size() == 3U);
  BOOST_TEST(second.size() == 2U);
}

BOOST_AUTO_TEST_SUITE_END()
