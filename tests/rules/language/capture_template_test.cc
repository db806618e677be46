#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "rules/language/capture_template.h"

using namespace postern;

BOOST_AUTO_TEST_SUITE(capture_template)

BOOST_AUTO_TEST_CASE(names_are_capitals_and_a_backslash_makes_plain_text) {
  const auto names = template_names("/%{A}x%{B_2} %{A} \\%{C} %{d} %{E_} %{F(x)}/");
  BOOST_TEST(names == (std::vector<std::string>{"A", "B_2", "F(x)"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_group_with_a_capital_name_captures) {
  BOOST_TEST(has_captures("/(?<USER>x)/"));
  BOOST_TEST(has_captures("/(?P<USER>x)/"));
  BOOST_TEST(has_captures("/(?'USER'x)/"));
  BOOST_TEST(!has_captures("/(?<user>x)(?<!A)(?<=A)/"));
  BOOST_TEST(is_capture_name("A_B"));
  BOOST_TEST(!is_capture_name("Ab"));
  BOOST_TEST(!is_capture_name("A__B"));
}

BOOST_AUTO_TEST_CASE(values_are_quoted_alternatives) {
  const Captures values{{"A", {"x.y", "z"}}};
  BOOST_TEST(with_values("/^%{A}!/i", values) == "/^(?:x\\.y|z)!/i");
}

BOOST_AUTO_TEST_CASE(without_values_the_braces_are_escaped) {
  BOOST_TEST(without_templates("/a%{A}b{2}/") == "/a%\\{A\\}b{2}/");
}

BOOST_AUTO_TEST_SUITE_END()
