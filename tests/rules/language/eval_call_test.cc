#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "rules/language/eval_call.h"

using namespace postern;

namespace {
std::vector<std::string> arguments(std::string_view written) {
  const auto call = parse_eval_call(written);
  BOOST_REQUIRE_MESSAGE(call.has_value(), written);
  return call->arguments;
}
void check(std::string_view written, const std::vector<std::string>& expected) {
  BOOST_TEST(arguments(written) == expected, boost::test_tools::per_element());
}
}  // namespace

BOOST_AUTO_TEST_SUITE(eval_call)

BOOST_AUTO_TEST_CASE(arguments_are_quoted_or_bare) {
  check("f()", {});
  check("f( )", {});
  check("f('a b', \"c\", -1.5 , undef)", {"a b", "c", "-1.5", "undef"});
  check("f('')", {""});
}

BOOST_AUTO_TEST_CASE(a_quote_ends_an_argument_only_before_a_comma_or_the_end) {
  check("f('it's', 'a,b')", {"it's", "a,b"});
  check("f('/x('y')/')", {"/x('y')/"});
}

BOOST_AUTO_TEST_CASE(what_is_no_call_is_an_error_with_a_place) {
  BOOST_TEST(!parse_eval_call("f").has_value());
  BOOST_TEST(!parse_eval_call("(x)").has_value());
  BOOST_TEST(!parse_eval_call("f('a'").has_value());
  const auto wrong = parse_eval_call("f('a', $b)");
  BOOST_REQUIRE(!wrong.has_value());
  BOOST_TEST(wrong.error().at == 7U);
}

BOOST_AUTO_TEST_SUITE_END()
