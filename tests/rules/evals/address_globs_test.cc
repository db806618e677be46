#define BOOST_TEST_DYN_LINK
#include "rules/evals/address_globs.h"

#include <boost/test/unit_test.hpp>

#include "tests/rules/rules_support.h"

using namespace postern;

namespace {
AddressGlobs list(std::initializer_list<std::string_view> entries) {
  AddressGlobs globs;
  for (const auto entry : entries) globs.add(entry);
  return globs;
}
}  // namespace

BOOST_AUTO_TEST_SUITE(address_globs)

BOOST_AUTO_TEST_CASE(a_star_is_any_run_and_a_question_mark_one_octet) {
  const auto globs = list({"*@Example.org", "ann?@example.net", "b*@*.example.com", "all*"});
  BOOST_TEST(globs.matches("x@example.org"));
  BOOST_TEST(globs.matches("@example.org"));
  BOOST_TEST(!globs.matches("x@example.org.evil.net"));
  BOOST_TEST(globs.matches("anna@example.net"));
  BOOST_TEST(!globs.matches("ann@example.net"));
  BOOST_TEST(globs.matches("bob@mail.example.com"));
  BOOST_TEST(!globs.matches("bob@example.com"));
  BOOST_TEST(globs.matches("all"));
  BOOST_TEST(globs.matches("allow@anywhere.net"));
}

BOOST_AUTO_TEST_CASE(dots_and_brackets_are_only_themselves) {
  const auto globs = list({"a.b+c@example.org", "[x]@example.org"});
  BOOST_TEST(globs.matches("a.b+c@example.org"));
  BOOST_TEST(!globs.matches("aXb+c@example.org"));
  BOOST_TEST(globs.matches("[x]@example.org"));
}

BOOST_AUTO_TEST_CASE(an_entry_goes_only_by_the_spelling_it_came_with) {
  auto globs = list({"*@example.org", "ann@example.org"});
  globs.remove("?nn@example.org");
  globs.remove("ANN@example.org");
  BOOST_TEST(globs.matches("ann@example.org"));
  globs.remove("*@Example.ORG");
  BOOST_TEST(!globs.matches("ann@example.org"));
}

BOOST_AUTO_TEST_CASE(all_matching_entries_are_named) {
  const auto globs = list({"*@example.org", "ann@*", "x@example.net"});
  BOOST_TEST(globs.matching("ann@example.org").size() == 2U);
}

BOOST_AUTO_TEST_CASE(a_line_end_is_crossed_by_no_wildcard) {
  BOOST_TEST(!list({"a*c", "a?c"}).matches("a\nc"));
}

BOOST_AUTO_TEST_CASE(a_question_costs_little_however_many_entries_there_are) {
  AddressGlobs globs;
  for (int i = 0; i < 50'000; ++i) globs.add("*@host" + std::to_string(i) + ".example.org");
  BOOST_TEST(is_quick([&] {
    for (int i = 0; i < 100'000; ++i) globs.matches("someone@host77777.example.org");
  }));
}

BOOST_AUTO_TEST_SUITE_END()
