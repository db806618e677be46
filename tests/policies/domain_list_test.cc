#define BOOST_TEST_DYN_LINK
#include "policies/domain_list.h"

#include <boost/test/unit_test.hpp>

#include "tests/policies/open_maps.h"
#include "tests/policies/temporary_folder.h"

using namespace postern;

namespace {

using Subdomains = DomainList::Subdomains;

DomainList open(std::vector<std::string> entries, Subdomains subdomains) {
  std::vector<Problem> problems;
  auto list = DomainList::open({std::move(entries), "p:1:1"}, subdomains, problems);
  BOOST_REQUIRE_MESSAGE(problems.empty(), join(problems));
  return list;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(domain_lists)

BOOST_AUTO_TEST_CASE(a_name_stands_for_its_subdomains_only_where_that_is_asked_for) {
  const auto exact = open({"example.org"}, Subdomains::no);
  const auto wide = open({"Example.org"}, Subdomains::yes);

  BOOST_TEST(exact.contains("EXAMPLE.org").value());
  BOOST_TEST(!exact.contains("sub.example.org").value());
  BOOST_TEST(wide.contains("example.org").value());
  BOOST_TEST(wide.contains("a.sub.example.org").value());
  BOOST_TEST(!wide.contains("notexample.org").value());
  BOOST_TEST(!wide.contains("org").value());
  BOOST_TEST(!wide.contains("").value());
}

BOOST_AUTO_TEST_CASE(a_leading_dot_stands_for_the_subdomains_alone) {
  const auto list = open({".example.org"}, Subdomains::no);

  BOOST_TEST(list.contains("a.example.org").value());
  BOOST_TEST(list.contains("a.b.example.org").value());
  BOOST_TEST(!list.contains("example.org").value());
}

BOOST_AUTO_TEST_CASE(the_first_element_that_matches_decides) {
  const auto list =
      open({"!closed.example.org", "example.org", "!late.example.org"}, Subdomains::yes);

  BOOST_TEST(!list.contains("closed.example.org").value());
  BOOST_TEST(!list.contains("x.closed.example.org").value());
  BOOST_TEST(list.contains("late.example.org").value());
}

BOOST_AUTO_TEST_CASE(files_and_maps_are_elements_too) {
  const TemporaryFolder folder;
  const auto file = folder.write("domains", "# ours\nexample.org, example.net\n");

  const auto list = open({file, "inline:{example.com=x, .example.edu=y}"}, Subdomains::no);

  BOOST_TEST(list.contains("example.net").value());
  BOOST_TEST(list.contains("example.com").value());
  BOOST_TEST(list.contains("a.example.edu").value());
  BOOST_TEST(!list.contains("a.example.com").value());
  BOOST_TEST(list.first_name().value() == "example.org");
}

BOOST_AUTO_TEST_CASE(a_map_that_fails_is_an_error_unless_a_name_before_it_decides) {
  const auto list = open({"example.org", "fail:x", "example.net"}, Subdomains::no);

  BOOST_TEST(list.contains("example.org").value());
  BOOST_TEST(!list.contains("example.net"));
  BOOST_TEST(!list.contains("example.com"));
}

BOOST_AUTO_TEST_CASE(an_address_literal_has_no_parents) {
  const auto list = open({"[192.0.2.1]"}, Subdomains::yes);

  BOOST_TEST(list.contains("[192.0.2.1]").value());
  BOOST_TEST(!list.contains("[x.192.0.2.1]").value());
}

BOOST_AUTO_TEST_CASE(what_is_no_domain_is_a_problem) {
  std::vector<Problem> problems;

  DomainList::open(
      {{"exa mple", "user@example.org", "example.org", "example.org", "hash:/none"}, "p:2:1"},
      Subdomains::no, problems);

  BOOST_TEST(problems.size() == 3U, join(problems));
}

BOOST_AUTO_TEST_SUITE_END()
