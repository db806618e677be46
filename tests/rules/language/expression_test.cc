#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include <map>

#include "rules/language/expression.h"

using namespace postern;

namespace {

double value_of(std::string_view text, const std::map<std::string, double>& names = {}) {
  const auto expression = Expression::parse(text);
  BOOST_REQUIRE_MESSAGE(expression.has_value(),
                        text << ": " << (expression ? "" : expression.error().what));
  std::vector<double> operands;
  for (const auto& name : expression->names()) {
    const auto found = names.find(name);
    operands.push_back(found == names.end() ? 0 : found->second);
  }
  std::vector<double> stack;
  return expression->evaluate(operands, stack);
}
std::size_t error_at(std::string_view text) {
  const auto expression = Expression::parse(text);
  BOOST_REQUIRE_MESSAGE(!expression.has_value(), text);
  return expression.error().at;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(expression)

BOOST_AUTO_TEST_CASE(and_and_or_give_the_operands_value) {
  BOOST_TEST(value_of("A || B", {{"A", 3}, {"B", 5}}) == 3);
  BOOST_TEST(value_of("A || B", {{"B", 5}}) == 5);
  BOOST_TEST(value_of("A && B", {{"A", 3}, {"B", 5}}) == 5);
  BOOST_TEST(value_of("A && B", {{"B", 5}}) == 0);
  BOOST_TEST(value_of("(A || B) > 2", {{"A", 3}}) == 1);
}

BOOST_AUTO_TEST_CASE(negation_gives_zero_or_one) {
  BOOST_TEST(value_of("!A", {{"A", 7}}) == 0);
  BOOST_TEST(value_of("!A") == 1);
  BOOST_TEST(value_of("!!A", {{"A", 7}}) == 1);
  BOOST_TEST(value_of("!A + !B + 1") == 3);
}

BOOST_AUTO_TEST_CASE(chained_comparisons_must_all_hold) {
  BOOST_TEST(value_of("3 > 2 > 1") == 1);
  BOOST_TEST(value_of("3 > 2 > 2") == 0);
  BOOST_TEST(value_of("1 > 2 > - 5") == 0);
  BOOST_TEST(value_of("1 < 2 < 3 <= 3") == 1);
  BOOST_TEST(value_of("2 == 2 != 3") == 1);
  BOOST_TEST(value_of("(5 > 3 > 1) + 1") == 2);
}

BOOST_AUTO_TEST_CASE(a_glob_is_the_sum_of_its_rules) {
  const GlobbedNames names = [](std::string_view glob) {
    return glob == "A_*" ? std::vector<std::string>{"A_1", "A_2"} : std::vector<std::string>{};
  };
  const auto expression =
      Expression::parse("rules_matching( A_* ) * 2 + rules_matching(B?)", names);
  BOOST_REQUIRE(expression.has_value());
  BOOST_TEST(expression->has_globs());
  BOOST_TEST(expression->names().size() == 2U);
  std::vector<double> stack;
  BOOST_TEST(expression->evaluate(std::vector<double>{1, 4}, stack) == 10);
  BOOST_TEST(value_of("rules_matching(A_*)") == 0);
}

BOOST_AUTO_TEST_CASE(operators_bind_as_in_perl) {
  BOOST_TEST(value_of("1 + 2 * 3") == 7);
  BOOST_TEST(value_of("(1 + 2) * 3") == 9);
  BOOST_TEST(value_of("8 - 2 - 1") == 5);
  BOOST_TEST(value_of("2 > 1 && 0 || 4") == 4);
  BOOST_TEST(value_of("1 + 1 > 1 == 1") == 1);
  BOOST_TEST(value_of("- 2 + 3") == 1);
  BOOST_TEST(value_of("2 - - 1") == 3);
  BOOST_TEST(value_of("6 ^ 3") == 5);
  BOOST_TEST(value_of("0 ? 1 : 0 ? 2 : 3") == 3);
  BOOST_TEST(value_of("1 ? 4 : 5") == 4);
  BOOST_TEST(value_of("A?B:C", {{"C", 9}}) == 9);
  BOOST_TEST(value_of("1.5*2") == 3);
}

BOOST_AUTO_TEST_CASE(
    a_division_by_zero_makes_the_whole_expression_zero_unless_it_is_never_reached) {
  BOOST_TEST(value_of("1 / 0") == 0);
  BOOST_TEST(value_of("5 + 1 / 0") == 0);
  BOOST_TEST(value_of("!(1 / 0)") == 0);
  BOOST_TEST(value_of("(1 / 0) < 1") == 0);
  BOOST_TEST(value_of("0 && 1 / 0") == 0);
  BOOST_TEST(value_of("7 || 1 / 0") == 7);
  BOOST_TEST(value_of("(1 / 0) || 7") == 0);
}

BOOST_AUTO_TEST_CASE(empty_parentheses_are_zero) {
  BOOST_TEST(value_of("()") == 0);
  BOOST_TEST(value_of(" ( ) ") == 0);
}

BOOST_AUTO_TEST_CASE(each_name_is_listed_once) {
  const auto expression = Expression::parse("A && (B || A) && __C_1");
  BOOST_REQUIRE(expression.has_value());
  BOOST_TEST(expression->names() == (std::vector<std::string>{"A", "B", "__C_1"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(errors_point_to_their_place) {
  BOOST_TEST(error_at("A &&") == 4U);
  BOOST_TEST(error_at("A B") == 2U);
  BOOST_TEST(error_at("(A && B") == 0U);
  BOOST_TEST(error_at("A)") == 1U);
  BOOST_TEST(error_at("A ? B") == 2U);
  BOOST_TEST(error_at("A : B") == 2U);
  BOOST_TEST(error_at("A & B") == 2U);
  BOOST_TEST(error_at("rules_counting(A)") == 0U);
  BOOST_TEST(error_at("rules_matching(A B)") == 0U);
  BOOST_TEST(error_at("2A") == 0U);
  BOOST_TEST(error_at("A && ()") == 6U);
}

BOOST_AUTO_TEST_CASE(depth_costs_no_stack) {
  const std::size_t depth = 4000;
  BOOST_TEST(value_of(std::string(depth, '(') + "1" + std::string(depth, ')')) == 1);
  BOOST_TEST(value_of(std::string(4000, '!') + "0") == 0);
  BOOST_TEST(!Expression::parse(std::string(200'000, '(')).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
