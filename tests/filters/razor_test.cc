#define BOOST_TEST_DYN_LINK
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <cstdio>

#include "filters/checksum_findings.h"
#include "tests/filters/filter_fixture.h"
#include "tests/support/scripted_server.h"

namespace postern {
extern const FilterType razor_filter;
}

using namespace postern;
using namespace postern::test;

BOOST_FIXTURE_TEST_SUITE(razor, FilterFixture)

BOOST_AUTO_TEST_CASE(a_verdict_may_come_with_a_confidence) {
  const auto spam = read_razor_answer("spam cf=89\n");
  const auto ham = read_razor_answer("ham\n");

  BOOST_REQUIRE(spam);
  BOOST_TEST(spam->spam);
  BOOST_TEST(spam->confidence.value_or(0) == 89U);
  BOOST_REQUIRE(ham);
  BOOST_TEST(!ham->spam);
  BOOST_TEST(!ham->confidence);
}

BOOST_AUTO_TEST_CASE(silence_and_anything_else_are_errors) {
  BOOST_TEST(!read_razor_answer(""));
  BOOST_TEST(!read_razor_answer("spammy"));
}

BOOST_AUTO_TEST_CASE(a_service_that_is_not_there_is_an_error_and_no_opinion) {
  configure(razor_filter, "socket = '/nonexistent/razor'");

  BOOST_TEST(!message("Subject: x\r\n\r\ntext\r\n"));
}

BOOST_AUTO_TEST_CASE(the_service_reads_the_whole_message_and_its_verdict_is_the_finding) {
  const std::string path = "/tmp/postern-razor-" + std::to_string(::getpid());
  ScriptedServer server({"C: Received: by us\nC: Subject: x\nC: \nC: text\nS: spam cf=89\n"},
                        {path, 0});
  configure(razor_filter, "socket = '" + path + "'");

  const auto answer = message("Subject: x\r\n\r\ntext\r\n");

  BOOST_TEST(server.finish() == "");
  BOOST_REQUIRE(answer);
  BOOST_REQUIRE(answer->findings.size() == 1U);
  BOOST_TEST(answer->findings[0].text == "spam cf=89");
  BOOST_TEST((answer->verdict == Verdict::pass));
  std::remove(path.c_str());
}

BOOST_AUTO_TEST_SUITE_END()
