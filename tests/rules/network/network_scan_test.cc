#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include <algorithm>

#include "rules/network/network_rules.h"

using namespace postern;

namespace {

constexpr std::string_view received =
    "Received: from relay.sender.test (relay.sender.test [198.51.100.9])\n"
    "\tby mx.our.test (Postern) with ESMTP id 1; Mon, 2 Nov 2026 10:00:00 +0000\n"
    "Received: from home.sender.test (home.sender.test [203.0.113.7])\n"
    "\tby relay.sender.test (Postfix) with ESMTP id 2; Mon, 2 Nov 2026 09:59:00 +0000\n";

/// A message, rules about it, and a DNS that the test fills.
struct Fixture {
  Fixture() {
    for (const auto top : {"test", "example"}) settings.domains.boundaries.add_top(top);
  }

  void call(std::uint32_t rule, std::string_view name, std::string_view function,
            std::vector<std::string> arguments, LookupFlags flags = {}) {
    const auto added = rules.add_call(rule, name, function, arguments, flags);
    BOOST_REQUIRE_MESSAGE(added, (added ? "" : added.error().what));
  }
  void uri_list(const std::string& name, UriListLookup::What what, std::string_view test) {
    settings.lookups.uri_lists[name] = {what, "list.example", QuestionType::a,
                                        *AnswerTest::of_uri_list(test)};
  }
  void record(const std::string& name, QuestionType type, std::string text) {
    zone[{name, type}].status = NetworkAnswer::Status::found;
    zone[{name, type}].records.push_back(std::move(text));
  }

  /// Asks until there is nothing left to ask.
  std::map<std::uint32_t, unsigned> run(const std::string& message,
                                        std::set<std::string, std::less<>> closed = {}) {
    const ScanInput input{.octets = message};
    ScannedMessage scanned(input, settings, matcher);
    NetworkScan scan(rules, scanned, std::move(closed));
    for (auto questions = scan.take_questions(); !questions.empty();
         questions = scan.take_questions()) {
      for (const auto& question : questions) {
        asked.push_back(question.name);
        const auto found = zone.find(question);
        scan.answer(question, found != zone.end()
                                  ? found->second
                                  : NetworkAnswer{NetworkAnswer::Status::no_such_name, {}, {}});
      }
    }
    std::ranges::sort(asked);
    return scan.hits();
  }
  static std::string message(std::string_view body = "hello\n") {
    return std::string(received) + "From: A <a@Author.test>\nSubject: x\n\n" + std::string(body);
  }

  RuleSettings settings;
  NetworkRules rules{settings.lookups};
  Matcher matcher;
  std::map<NetworkQuestion, NetworkAnswer> zone;
  std::vector<std::string> asked;
};

using Names = std::vector<std::string>;
using Hits = std::map<std::uint32_t, unsigned>;

}  // namespace

BOOST_FIXTURE_TEST_SUITE(network_scan, Fixture)

BOOST_AUTO_TEST_CASE(
    a_relay_list_is_asked_about_every_untrusted_relay_and_its_set_shares_the_answers) {
  call(1, "ANY", "check_rbl", {"zen", "zen.example."});
  call(2, "SUB", "check_rbl_sub", {"zen", "127.0.0.3"});
  call(3, "OTHER", "check_rbl_sub", {"other", "127.0.0.3"});
  record("9.100.51.198.zen.example", QuestionType::a, "127.0.0.3");

  const auto hits = run(message());

  BOOST_TEST(asked == (Names{"7.113.0.203.zen.example", "9.100.51.198.zen.example"}));
  BOOST_TEST((hits == Hits{{1, 1}, {2, 1}}));
}

BOOST_AUTO_TEST_CASE(an_answer_outside_the_loopback_network_lists_nothing) {
  call(1, "ANY", "check_rbl", {"zen", "zen.example"});
  record("9.100.51.198.zen.example", QuestionType::a, "198.51.100.1");

  BOOST_TEST(run(message()).empty());
}

BOOST_AUTO_TEST_CASE(the_end_of_a_sets_name_says_which_relays) {
  call(1, "LAST", "check_rbl", {"a-lastexternal", "last.example"});
  call(2, "NOTFIRST", "check_rbl", {"b-notfirsthop", "notfirst.example"});
  call(3, "FIRST", "check_rbl", {"c-firsttrusted", "first.example"});
  call(4, "UNTRUSTED", "check_rbl", {"d-untrusted", "untrusted.example"});

  run(message());

  BOOST_TEST(asked == (Names{"7.113.0.203.untrusted.example", "9.100.51.198.first.example",
                             "9.100.51.198.last.example", "9.100.51.198.notfirst.example"}));
}

BOOST_AUTO_TEST_CASE(a_uri_list_is_asked_about_registered_domains_once_for_all_its_rules) {
  uri_list("BLACK", UriListLookup::What::domains, "2");
  uri_list("GREY", UriListLookup::What::domains, "4");
  call(1, "BLACK", "check_uridnsbl", {"BLACK"});
  call(2, "GREY", "check_uridnsbl", {"GREY"});
  record("shop.test.list.example", QuestionType::a, "127.0.0.2");

  const auto hits = run(message("buy at http://www.shop.test/x and http://pay.shop.test/\n"));

  BOOST_TEST(asked == (Names{"shop.test.list.example"}));
  BOOST_TEST((hits == Hits{{1, 1}}));
}

BOOST_AUTO_TEST_CASE(notrim_asks_about_the_whole_host_and_skipped_domains_about_nothing) {
  uri_list("WHOLE", UriListLookup::What::domains, "2");
  call(1, "WHOLE", "check_uridnsbl", {"WHOLE"}, {.whole_host = true});
  settings.lookups.skipped_domains.insert("known.test");

  run(message(
      "http://www.shop.test/ http://www.known.test/ http://10.0.0.1/ http://192.0.2.80/\n"));

  BOOST_TEST(asked == (Names{"80.2.0.192.list.example", "www.shop.test.list.example"}));
}

BOOST_AUTO_TEST_CASE(a_list_of_addresses_is_asked_about_where_the_host_leads) {
  uri_list("SBL_A", UriListLookup::What::addresses, "127.0.0.2");
  call(1, "SBL_A", "check_uridnsbl", {"SBL_A"}, {.of_address = true});
  record("www.shop.test", QuestionType::a, "192.0.2.80");
  record("80.2.0.192.list.example", QuestionType::a, "127.0.0.2");

  const auto hits = run(message("http://www.shop.test/\n"));

  BOOST_TEST(asked == (Names{"80.2.0.192.list.example", "www.shop.test"}));
  BOOST_TEST((hits == Hits{{1, 1}}));
}

BOOST_AUTO_TEST_CASE(a_list_of_name_servers_is_asked_about_their_domains) {
  uri_list("NS", UriListLookup::What::servers, "127.0.0.2");
  call(1, "NS", "check_uridnsbl", {"NS"});
  record("shop.test", QuestionType::ns, "ns1.bad.test");
  record("bad.test.list.example", QuestionType::a, "127.0.0.2");

  BOOST_TEST((run(message("http://www.shop.test/\n")) == Hits{{1, 1}}));
}

BOOST_AUTO_TEST_CASE(a_question_is_made_of_tags_and_none_where_a_tag_has_no_value) {
  settings.lookups.queries["NEW"] = {"_AUTHORDOMAIN_.fresh.example.",
                                     {QuestionType::a},
                                     *AnswerTest::of_question("/^127\\.2\\.0\\.2$/")};
  settings.lookups.queries["SIGNED"] = {"_DKIMDOMAIN_.dwl.example", {QuestionType::txt}, {}};
  settings.lookups.queries["HELO"] = {
      "_LASTEXTERNALHELO_", {QuestionType::a}, *AnswerTest::of_question("[NXDOMAIN]")};
  rules.add_query(1, settings.lookups.queries["NEW"]);
  rules.add_query(2, settings.lookups.queries["SIGNED"]);
  rules.add_query(3, settings.lookups.queries["HELO"]);
  record("author.test.fresh.example", QuestionType::a, "127.2.0.2");

  const auto hits = run(message());

  BOOST_TEST(asked == (Names{"author.test.fresh.example", "relay.sender.test"}));
  BOOST_TEST((hits == Hits{{1, 1}, {3, 1}}));
}

BOOST_AUTO_TEST_CASE(restrictions_and_closed_zones_keep_questions_back) {
  call(1, "A", "check_rbl", {"a", "denied.example"});
  call(2, "B", "check_rbl", {"b", "allowed.denied.example"});
  call(3, "C", "check_rbl", {"c", "closed.example"});
  settings.lookups.restrictions = {{"denied.example", true}, {"allowed.denied.example", false}};

  run(message(), {"closed.example"});

  BOOST_TEST(asked ==
             (Names{"7.113.0.203.allowed.denied.example", "9.100.51.198.allowed.denied.example"}));
}

BOOST_AUTO_TEST_CASE(a_message_with_endless_hosts_asks_a_bounded_number_of_questions) {
  uri_list("BLACK", UriListLookup::What::domains, "2");
  call(1, "BLACK", "check_uridnsbl", {"BLACK"});
  std::string body;
  for (int i = 0; i < 2000; ++i) body += "http://www.host" + std::to_string(i) + ".test/\n";

  run(message(body));

  BOOST_TEST(asked.size() == 20U);
}

BOOST_AUTO_TEST_CASE(a_call_that_cannot_work_says_why) {
  BOOST_TEST(!rules.add_call(1, "X", "check_rbl", {"zen"}, {}));
  BOOST_TEST(!rules.add_call(1, "X", "check_uridnsbl", {"X"}, {}));
  BOOST_TEST(!rules.add_call(1, "X", "check_rbl_sub", {"zen", "(unclosed"}, {}));
}

BOOST_AUTO_TEST_SUITE_END()
