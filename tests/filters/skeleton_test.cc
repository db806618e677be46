#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "tests/filters/filter_fixture.h"

namespace postern {
extern const FilterType skeleton_filter;
}

using namespace postern;
using namespace postern::test;

BOOST_FIXTURE_TEST_SUITE(skeleton, FilterFixture)

BOOST_AUTO_TEST_CASE(a_helo_without_a_dot_is_refused) {
  configure(skeleton_filter, "");
  evidence.helo = "localhost";

  const auto answer = helo();

  BOOST_REQUIRE(answer);
  BOOST_TEST((answer->verdict == Verdict::reject));
  BOOST_TEST(answer->reply.line() == "504 5.5.2 Your HELO must be a full host name");
  BOOST_TEST(answer->reason == "HELO without a dot: localhost");
}

BOOST_AUTO_TEST_CASE(a_full_name_an_address_and_a_trusted_client_pass) {
  configure(skeleton_filter, "");
  for (const char* name : {"mx.example.org", "[192.0.2.1]"}) {
    evidence.helo = name;
    BOOST_TEST((helo()->verdict == Verdict::pass));
  }
  evidence.helo = "localhost";
  evidence.connection.trusted = true;
  BOOST_TEST((helo()->verdict == Verdict::pass));
}

BOOST_AUTO_TEST_CASE(only_the_question_about_helo_is_worth_asking) {
  configure(skeleton_filter, "");
  BOOST_TEST(factory->answers(Stage::helo));
  BOOST_TEST(!factory->answers(Stage::message));
}

BOOST_AUTO_TEST_CASE(an_empty_advice_is_a_problem_with_its_line) {
  configure(skeleton_filter, "\nadvice = ''");
  BOOST_TEST(!factory);
  BOOST_REQUIRE(problems.size() == 1U);
  BOOST_TEST(problems[0].where == "test:2:1");
}

BOOST_AUTO_TEST_SUITE_END()
