#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "rules/evals/spoof_settings.h"
#include "tests/rules/evals/evals_support.h"

using namespace postern;

namespace {

struct Fixture {
  std::size_t problems(std::string_view line) {
    return apply(spoof_directives(), line, settings).problems.size();
  }
  RuleSettings settings;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(spoof_settings, Fixture)

BOOST_AUTO_TEST_CASE(owners_have_addresses_that_can_be_taken_away) {
  BOOST_TEST(problems("fns_add_addrlist (Ours) *@a.example *@b.example") == 0U);
  BOOST_TEST(problems("fns_remove_addrlist (ours) *@b.example") == 0U);

  const auto& ours = settings.spoofs.owners.at("ours");
  BOOST_TEST(ours.matches("x@a.example"));
  BOOST_TEST(!ours.matches("x@b.example"));
}

BOOST_AUTO_TEST_CASE(lines_that_say_nothing_are_problems) {
  for (const auto* const line :
       {"fns_add_addrlist", "fns_add_addrlist (ours)", "fns_add_addrlist ours a@b.example",
        "fns_check 3", "fns_check", "fns_extrachars many", "fns_ignore_headers", "fns_ignore_dkim",
        "fns_ignore_headers Subject:nonsense"})
    BOOST_TEST(problems(line) == 1U, line);
}

BOOST_AUTO_TEST_SUITE_END()
