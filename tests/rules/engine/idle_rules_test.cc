#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "tests/rules/rules_support.h"

using namespace postern;

namespace {

const Idle* idle_of(const LoadedRules& loaded, std::string_view name) {
  const auto found = std::ranges::find(loaded.rules->idle(), name, &Idle::rule);
  return found == loaded.rules->idle().end() ? nullptr : &*found;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(idle_rules)

BOOST_AUTO_TEST_CASE(a_rule_scored_0_is_idle_because_of_that_line) {
  const auto loaded = load("body A /a/\nscore A 0\n");
  const auto* const idle = idle_of(loaded, "A");
  BOOST_REQUIRE(idle != nullptr);
  BOOST_TEST((idle->cause == Idle::Cause::scored_zero));
  BOOST_TEST(idle->where == "test.cf:1:1");
  BOOST_TEST(idle->by_where == "test.cf:2:1");
}

BOOST_AUTO_TEST_CASE(a_rule_in_a_branch_that_does_not_count_names_the_condition) {
  const auto loaded = load("if (version < 3)\nbody A /a/\nscore B 1\nendif\n");
  const auto* const idle = idle_of(loaded, "A");
  BOOST_REQUIRE(idle != nullptr);
  BOOST_TEST((idle->cause == Idle::Cause::condition));
  BOOST_TEST(idle->by_where == "test.cf:1:1");
  BOOST_TEST(idle_of(loaded, "B") == nullptr);
}

BOOST_AUTO_TEST_CASE(a_definition_that_a_later_one_replaced_names_it) {
  const auto loaded = load("body A /a/\nheader A Subject =~ /b/\n");
  const auto* const idle = idle_of(loaded, "A");
  BOOST_REQUIRE(idle != nullptr);
  BOOST_TEST((idle->cause == Idle::Cause::replaced));
  BOOST_TEST(idle->where == "test.cf:1:1");
  BOOST_TEST(idle->by_where == "test.cf:2:1");
}

BOOST_AUTO_TEST_CASE(what_a_rule_costs_is_added_up_only_where_asked) {
  const auto loaded = load("body A /a+b/\nmeta M A\n");
  RuleCosts costs(loaded.rules->rules().size());
  ScanScratch scratch;
  scratch.costs = &costs;
  scan(*loaded.rules, {.octets = "Subject: x\n\naab and aaab\n"}, scratch);
  BOOST_TEST(costs[0] > 0U);
  BOOST_TEST(scratch.values[0] == 1.0);
}

BOOST_AUTO_TEST_SUITE_END()
