#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include <cstdlib>
#include <filesystem>

#include "filters/checksum_findings.h"
#include "tests/filters/filter_fixture.h"

namespace postern {
extern const FilterType dcc_filter;
}

using namespace postern;
using namespace postern::test;

namespace {

struct DccFixture : FilterFixture {
  DccFixture() {
    char name[] = "/tmp/postern-dcc-XXXXXX";
    folder = ::mkdtemp(name);
  }
  ~DccFixture() { std::filesystem::remove_all(folder); }
  std::string socket() const { return folder + "/dccifd"; }

  std::string folder;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(dcc, DccFixture)

BOOST_AUTO_TEST_CASE(counts_of_a_folded_field_are_found) {
  const auto report = read_dcc_answer(
      "A\n\nX-DCC-brand-Metrics: host 1102; bulk Body=many Fuz1=12\n\tFuz2=OK2 rep=45%\n"
      "reported: 1\n");

  BOOST_REQUIRE(report);
  BOOST_TEST(report->body == 999999U);
  BOOST_TEST(report->fuz1 == 12U);
  BOOST_TEST(report->fuz2 == 0U);
  BOOST_TEST(report->reputation.value_or(0) == 45U);
}

BOOST_AUTO_TEST_CASE(what_is_no_field_is_an_error) {
  BOOST_TEST(!read_dcc_answer(""));
  BOOST_TEST(!read_dcc_answer("A\n\nno field\n"));
  BOOST_TEST(!read_dcc_answer("A\n\nX-DCC without an end\n"));
}

BOOST_AUTO_TEST_CASE(a_finding_tells_the_rules_the_same) {
  const std::vector<Found> findings{{"dcc", finding_of(DccReport{5, 999999, 0, 45})},
                                    {"razor", finding_of(RazorReport{true, 89})}};

  const auto reports = checksum_reports(findings);

  BOOST_REQUIRE(reports.dcc.has_value());
  BOOST_TEST(reports.dcc->body == 5U);
  BOOST_TEST(reports.dcc->fuz1 == 999999U);
  BOOST_TEST(reports.dcc->reputation.value_or(0) == 45U);
  BOOST_REQUIRE(reports.razor.has_value());
  BOOST_TEST(reports.razor->spam);
  BOOST_TEST(reports.razor->confidence.value_or(0) == 89U);
}

BOOST_AUTO_TEST_CASE(a_daemon_that_is_not_there_is_an_error_and_no_opinion) {
  configure(dcc_filter, "socket = '" + socket() + "'");

  BOOST_TEST(!message("Subject: x\r\n\r\ntext\r\n"));
}

BOOST_AUTO_TEST_CASE(a_path_that_is_not_absolute_is_a_problem) {
  configure(dcc_filter, "socket = 'dccifd'");

  BOOST_TEST(problems.size() == 1U);
}

BOOST_AUTO_TEST_SUITE_END()
