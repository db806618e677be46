#define BOOST_TEST_DYN_LINK
#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>

#include "rules/authoring/check_report.h"
#include "rules/authoring/lint.h"
#include "tests/rules/rules_support.h"

using namespace postern;

namespace {

/// The remarks of lint_rules() at one place, joined.
std::string lint_at(std::string_view text, std::string_view where) {
  std::string out;
  for (const auto& remark : lint_rules(*load(text).rules)) {
    if (remark.where == where) out += remark.what + "\n";
  }
  return out;
}

bool holds(std::string_view text, std::string_view piece) {
  return text.find(piece) != std::string_view::npos;
}

SampleResult::Outcome outcome(std::string_view text) {
  const auto loaded = load(text);
  return run_samples(*loaded.rules).at(0).outcome;
}

using Outcome = SampleResult::Outcome;

}  // namespace

BOOST_AUTO_TEST_SUITE(checking)

BOOST_AUTO_TEST_CASE(rules_without_a_fault_give_no_remark) {
  BOOST_TEST(lint_rules(*load("body A /spam/\nmeta M A && !B\nbody B /ham/\n").rules).empty());
}

BOOST_AUTO_TEST_CASE(an_expression_that_can_explode_is_named_at_the_place_in_it) {
  BOOST_TEST(!lint_at("body A /x(a+)+y/\n", "test.cf:1:10").empty());
}

BOOST_AUTO_TEST_CASE(an_expression_that_matches_any_text_is_remarked_upon) {
  BOOST_TEST(holds(lint_at("body A /a*/\n", "test.cf:1:8"), "any text"));
  BOOST_TEST(holds(lint_at("header A Subject !~ /a*/\n", "test.cf:1:21"), "never hits"));
  BOOST_TEST(lint_at("body A /^$/\n", "test.cf:1:8").empty());
  BOOST_TEST(lint_at("body A /^.{0,9}$/\n", "test.cf:1:8").empty());
}

BOOST_AUTO_TEST_CASE(a_meta_over_nothing_that_runs_can_never_be_true) {
  BOOST_TEST(holds(lint_at("meta M A && B\n", "test.cf:1:8"), "never be true"));
  BOOST_TEST(holds(lint_at("body A /a/\nscore A 0\nmeta M A\n", "test.cf:3:8"), "never be true"));
}

BOOST_AUTO_TEST_CASE(a_meta_over_metas_that_are_never_true_is_named_too) {
  BOOST_TEST(holds(lint_at("meta L A\nmeta M L\n", "test.cf:2:8"), "never be true"));
}

BOOST_AUTO_TEST_CASE(a_meta_that_can_be_true_or_is_meant_as_0_is_not_named) {
  BOOST_TEST(lint_at("meta M !A\n", "test.cf:1:8").empty());
  BOOST_TEST(lint_at("meta M 0\n", "test.cf:1:8").empty());
}

BOOST_AUTO_TEST_CASE(a_meta_that_waits_for_one_scored_0_is_named) {
  BOOST_TEST(
      holds(lint_at("body A /a/\nmeta L A\nscore L 0\nmeta M A || L\n", "test.cf:4:8"), "waits"));
}

BOOST_AUTO_TEST_CASE(a_second_definition_names_the_place_that_counts) {
  BOOST_TEST(holds(lint_at("body A /a/\nbody A /b/\n", "test.cf:1:1"), "test.cf:2:1"));
}

BOOST_AUTO_TEST_CASE(a_name_over_40_characters_is_remarked_upon) {
  BOOST_TEST(holds(lint_at("body " + std::string(41, 'A') + " /a/\n", "test.cf:1:1"), "41"));
  BOOST_TEST(lint_at("body " + std::string(40, 'A') + " /a/\n", "test.cf:1:1").empty());
}

BOOST_AUTO_TEST_CASE(a_sample_of_a_body_rule_is_body_text) {
  BOOST_TEST((outcome("body A /two words/\ntest A ok see two words here\n") == Outcome::passed));
  BOOST_TEST((outcome("body A /two words/\ntest A fail see two words\n") == Outcome::failed));
}

BOOST_AUTO_TEST_CASE(a_sample_of_a_header_rule_is_the_value_of_its_field) {
  BOOST_TEST(
      (outcome("header A From:addr =~ /^eve@/\ntest A ok eve@example.org\n") == Outcome::passed));
  BOOST_TEST(
      (outcome("header A Subject =~ /^hello/\ntest A ok Subject: hello\n") == Outcome::passed));
}

BOOST_AUTO_TEST_CASE(a_sample_of_a_meta_may_be_a_field_or_a_body) {
  const std::string rules = "header __S Subject =~ /win/\nbody __B /win/\n";
  BOOST_TEST((outcome(rules + "meta M __S\ntest M ok Subject: win\n") == Outcome::passed));
  BOOST_TEST((outcome(rules + "meta M __B\ntest M ok win\n") == Outcome::passed));
}

BOOST_AUTO_TEST_CASE(a_sample_of_a_rule_that_is_not_run_says_why) {
  const auto loaded = load("body A /a/\nscore A 0\ntest A ok a\n");
  const auto results = run_samples(*loaded.rules);
  BOOST_TEST((results.at(0).outcome == Outcome::not_run));
  BOOST_TEST(holds(results.at(0).why, "test.cf:2:1"));
}

BOOST_AUTO_TEST_CASE(the_report_names_findings_with_their_places) {
  const auto report = check_rules(load("body A /(/\nmeta M NOBODY\nbody T /t/\ntest T ok x\n"));
  const auto text = report.text();
  BOOST_TEST(holds(text, "test.cf:1:"));
  BOOST_TEST(holds(text, ": problem: "));
  BOOST_TEST(holds(text, ": remark: M asks for NOBODY"));
  BOOST_TEST(holds(text, "test.cf:4:1: test: failed: T does not hit"));
  BOOST_TEST(report.has_failed_samples());
}

BOOST_AUTO_TEST_CASE(the_report_as_json_holds_the_same) {
  const auto report = check_rules(load("body A /(/\nbody T /t/\ntest T ok x\n"));
  const auto json = boost::json::parse(report.json());
  BOOST_TEST(json.at("problems").as_array().size() == 1U);
  BOOST_TEST(json.at("tests").at(0).at("outcome").as_string() == "failed");
  BOOST_TEST(json.at("rules").at("run").to_number<int>() == 1);
}

BOOST_AUTO_TEST_SUITE_END()
