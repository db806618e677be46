#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "rules/patterns/complexity.h"

using namespace postern;

namespace {

std::optional<ComplexityWarning> warning(std::string_view written) {
  const auto pattern = translate_pattern(written);
  BOOST_REQUIRE_MESSAGE(pattern.has_value(), written);
  return complexity_warning(*pattern);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(complexity)

BOOST_AUTO_TEST_CASE(shapes_that_explode_are_warned_of) {
  for (const std::string_view written :
       {"/(a+)+$/", "/x(?:\\w*)*y/", "/(?:a|aa)+b/", "/(?:\\s*\\w*)*z/", "/a\\s*\\s+b/",
        "/^.*foo/s", "/.*foo/", "/foo.*/"}) {
    const bool expected = written != "/^.*foo/s";
    BOOST_TEST(warning(written).has_value() == expected, written);
  }
}

BOOST_AUTO_TEST_CASE(what_is_quick_on_any_text_is_not) {
  for (const std::string_view written :
       {"/(?:\\w+\\s)+x/", "/(?:foo|bar)+/", "/[a-z]+[0-9]+/", "/(?:[ab]|c)*d/", "/(a++)+b/",
        "/a{1,5}b{1,5}/", "/(?:\\w+\\s*,)+x/"}) {
    BOOST_TEST(!warning(written).has_value(), written);
  }
}

BOOST_AUTO_TEST_CASE(a_warning_points_to_the_repetition) {
  BOOST_TEST(warning("/foo(a+)+$/").value().at == 4U);
  BOOST_TEST(!warning("/foo(a+)+$/").value().what.empty());
}

BOOST_AUTO_TEST_SUITE_END()
