#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <fstream>

#include "rules/engine/preferences.h"
#include "tests/rules/rules_support.h"

using namespace postern;

namespace {

constexpr std::string_view site =
    "body A /alpha/\nscore A 3\n"
    "body B /beta/\nscore B 1\n"
    "body OFF /alpha/\nscore OFF 0\n"
    "meta BOTH A && B\nscore BOTH 2\n"
    "header WELCOME eval:check_from_in_welcomelist()\nscore WELCOME -100\n"
    "header BLOCKED eval:check_from_in_blocklist()\nscore BLOCKED 100\n"
    "welcomelist_from *@partner.example\n";
constexpr std::string_view message = "From: Ann <ann@sender.example>\nSubject: x\n\nalpha beta\n";

struct Fixture {
  std::shared_ptr<const RuleSet> rules = load(site).rules;
  Diagnosis diagnosis;
  ScanScratch scratch;

  Preferences read(std::string text) {
    return read_preferences(std::move(text), "user@example.org", *rules, diagnosis);
  }
  ScanResult result(const std::string& text) {
    const auto preferences = read(text);
    const ScanInput input{.octets = message};
    MessageScan scan(*rules, input, scratch);
    scan.run();
    BOOST_TEST(scan.finish().score == 6.0);
    auto out = scan.result_for(preferences);
    // What one recipient wants is nothing to the next.
    BOOST_TEST(scan.result_for({}).score == 6.0);
    return out;
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(preferences, Fixture)

BOOST_AUTO_TEST_CASE(scores_and_the_required_score_are_the_recipients_own) {
  const auto own = result("score A 10\nscore B (0.5)\nrequired_score 20\n");
  BOOST_TEST(own.score == 10 + 1.5 + 2);
  BOOST_TEST(own.required_score == 20.0);
  BOOST_TEST(!own.is_spam());
  BOOST_TEST(diagnosis.problems.empty());
}

BOOST_AUTO_TEST_CASE(a_score_of_0_switches_a_rule_off_for_metas_too) {
  BOOST_TEST(result("score B 0\n").score == 3.0);
  BOOST_TEST(result("score BOTH 0\n").score == 4.0);
}

BOOST_AUTO_TEST_CASE(lists_of_a_recipient_are_asked_beside_the_sites) {
  BOOST_TEST(hits_of(result("welcomelist_from ann@sender.example\n"), "WELCOME") == 1U);
  BOOST_TEST(hits_of(result("whitelist_from *@sender.example\n"), "WELCOME") == 1U);
  BOOST_TEST(hits_of(result("blocklist_from *@sender.example\n"), "BLOCKED") == 1U);
  BOOST_TEST(hits_of(result("welcomelist_from *@other.example\n"), "WELCOME") == 0U);
}

BOOST_AUTO_TEST_CASE(marks_follow_the_recipient) {
  const auto own = result("rewrite_header Subject [mine]\nadd_header all Mine yes\n");
  BOOST_REQUIRE(own.report);
  BOOST_TEST(own.report->subject_tag() == "[mine]");
  BOOST_TEST(own.report->ham.back().name == "Mine");
  BOOST_TEST(!result("required_score 4\n").report);
}

struct WithUserRules : Fixture {
  WithUserRules() { rules = load(std::string(site) + "allow_user_rules 1\n").rules; }
};

BOOST_FIXTURE_TEST_CASE(rules_of_a_recipient_are_added_where_the_site_allows_them, WithUserRules) {
  const auto own = result(
      "body MINE /alpha/\ndescribe MINE my own\nscore MINE 1.5\n"
      "meta OVER MINE && B && !BLOCKED\nscore OVER 0.25\nmeta NONE MINE && OFF\n"
      "body __SUB /beta/\ntflags MANY multiple\nbody MANY /[ab]e?ta/\n");
  BOOST_TEST(diagnosis.problems.empty());
  BOOST_TEST(own.score == 6.0 + 1.5 + 0.25 + 1.0);
  BOOST_TEST(hits_of(own, "MINE") == 1U);
  BOOST_TEST(scan_line("m", own) == "m\t8.750\tA,B,BOTH,MANY,MINE,OVER");
}

BOOST_FIXTURE_TEST_CASE(own_metas_see_the_sites_rules_as_the_recipient_has_them, WithUserRules) {
  BOOST_TEST(hits_of(result("meta OVER A && B\nscore B 0\n"), "OVER") == 0U);
}

BOOST_FIXTURE_TEST_CASE(a_recipient_cannot_take_a_name_of_the_sites, WithUserRules) {
  read("body A /x/\nbody MINE /x(/\n");
  BOOST_REQUIRE(diagnosis.problems.size() == 2U);
  BOOST_TEST(diagnosis.problems[0].where.starts_with("user@example.org:2:"));
  BOOST_TEST(diagnosis.problems[1].where.starts_with("user@example.org:1:"));
}

BOOST_FIXTURE_TEST_CASE(a_recipient_has_at_most_100_rules, WithUserRules) {
  std::string text;
  for (int i = 0; i < 101; ++i) text += "body MINE_" + std::to_string(i) + " /alpha/\n";
  BOOST_TEST(read(text).own->rules->rules().size() == 100U);
  BOOST_TEST(diagnosis.problems.size() == 1U);
}

BOOST_AUTO_TEST_CASE(what_is_not_for_recipients_is_a_problem_with_its_place) {
  read("required_score 4\n  loadplugin Mail::SpamAssassin::Plugin::DKIM\nbody X /x/\n");
  BOOST_REQUIRE(diagnosis.problems.size() == 2U);
  BOOST_TEST(diagnosis.problems[0].where == "user@example.org:2:3");
  BOOST_TEST(diagnosis.problems[1].where == "user@example.org:3:1");
  read("required_score many\ntrusted_networks 192.0.2.1\ninclude /etc/passwd\n");
  BOOST_TEST(diagnosis.problems.size() == 5U);
}

BOOST_AUTO_TEST_CASE(a_score_for_a_rule_that_the_site_switched_off_is_a_remark) {
  BOOST_TEST(read("score OFF 5\nscore UNKNOWN 5\n").scores.empty());
  BOOST_TEST(diagnosis.problems.empty());
  BOOST_TEST(diagnosis.remarks.size() == 2U);
}

BOOST_AUTO_TEST_CASE(the_most_specific_file_of_a_recipient_counts) {
  const auto folder = std::filesystem::temp_directory_path() / "postern-preferences-test";
  std::filesystem::create_directory(folder);
  const auto write = [&](const char* name, const char* text) {
    std::ofstream(folder / name) << text;
  };
  write("user@example.org", "required_score 1\n");
  write("Example.ORG", "required_score 2\n");
  write(".hidden", "nonsense\n");
  write("example.net~", "nonsense\n");

  const auto loaded = load_preferences(folder.string(), *rules);
  std::filesystem::remove_all(folder);

  BOOST_TEST(loaded.diagnosis.problems.empty());
  const auto required = [&](std::string_view address) {
    const auto* const found = loaded.folder.find(address);
    return found ? found->required_score.value() : 0.0;
  };
  BOOST_TEST(required("User@Example.org") == 1.0);
  BOOST_TEST(required("user+list@example.org") == 1.0);
  BOOST_TEST(required("other@example.org") == 2.0);
  BOOST_TEST(required("user@sub.example.org") == 0.0);
  BOOST_TEST(load_preferences("/nonexistent", *rules).diagnosis.problems.size() == 1U);
}

BOOST_AUTO_TEST_SUITE_END()
