#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include <cstdlib>
#include <filesystem>

#include "filters/antivirus/antivirus.h"
#include "tests/filters/filter_fixture.h"

namespace postern {
extern const FilterType antivirus_filter;
}

using namespace postern;
using namespace postern::test;

namespace {

const std::string signatures = POSTERN_SOURCE_DIR "/contrib/signatures";

struct AntivirusFixture : FilterFixture {
  std::string problem(const std::string& toml) {
    configure(antivirus_filter, toml);
    return problems.empty() ? "" : problems.front().where + " " + problems.front().what;
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(antivirus, AntivirusFixture)

BOOST_AUTO_TEST_CASE(a_directory_and_single_files_of_signatures_are_accepted) {
  BOOST_TEST(problem("database = ['" + signatures + "']") == "");
  BOOST_TEST(problem("database = ['" + signatures + "/eicar.ndb']") == "");
  BOOST_TEST(factory->answers(Stage::message));
  BOOST_TEST(!factory->answers(Stage::rcpt));
}

BOOST_AUTO_TEST_CASE(a_missing_signature_directory_is_a_problem_that_names_it) {
  const std::string text = problem("database = ['/nonexistent/signatures']");
  BOOST_TEST(text.find("/nonexistent/signatures") != std::string::npos);
  BOOST_TEST(text.find("test:1:") == 0U);
  BOOST_TEST(!factory);
}

BOOST_AUTO_TEST_CASE(an_empty_signature_directory_is_a_problem_that_names_it) {
  char directory[] = "/tmp/postern-empty-XXXXXX";
  BOOST_REQUIRE(::mkdtemp(directory) != nullptr);

  const std::string text = problem("database = ['" + std::string(directory) + "']");

  BOOST_TEST(text.find(directory) != std::string::npos);
  std::filesystem::remove(directory);
}

BOOST_AUTO_TEST_CASE(no_signatures_at_all_are_a_problem) {
  BOOST_TEST(problem("database = []") != "");
}

BOOST_AUTO_TEST_CASE(a_failing_scanner_defers_mail_unless_told_otherwise) {
  BOOST_TEST(antivirus_filter.default_on_failure == "defer");
  BOOST_TEST((antivirus_filter.placement == Placement::av_worker));
}

BOOST_AUTO_TEST_CASE(a_virus_is_refused_by_name) {
  const Answer answer = answer_to({ScanOutcome::infected, "Eicar", "part 1", false}, {});
  BOOST_REQUIRE(answer);
  BOOST_TEST((answer->verdict == Verdict::reject));
  BOOST_TEST(answer->reply.line() == "550 5.7.1 Message refused: virus Eicar");
  BOOST_REQUIRE(answer->findings.size() == 1U);
  BOOST_TEST(answer->findings[0].name == "Eicar");
}

BOOST_AUTO_TEST_CASE(a_virus_is_kept_where_the_administrator_wants_to_look) {
  AntivirusSettings settings;
  settings.infected = "quarantine";
  const Answer answer = answer_to({ScanOutcome::infected, "Eicar", "part 1", false}, settings);
  BOOST_REQUIRE(answer);
  BOOST_TEST((answer->verdict == Verdict::quarantine));
  BOOST_TEST(answer->reason == "virus Eicar");
}

BOOST_AUTO_TEST_CASE(what_cannot_be_scanned_is_tagged_whatever_is_done_with_it) {
  AntivirusSettings settings;
  for (const char* action : {"pass", "quarantine", "reject"}) {
    settings.unscannable = settings.encrypted = action;
    const Answer unscannable =
        answer_to({ScanOutcome::unscannable, "", "too large", false}, settings);
    const Answer encrypted = answer_to({ScanOutcome::encrypted, "", "a.zip", false}, settings);
    BOOST_REQUIRE(unscannable && encrypted);
    BOOST_TEST(verdict_name(unscannable->verdict) == action);
    BOOST_TEST(unscannable->findings.at(0).name == "ANTIVIRUS_UNSCANNABLE");
    BOOST_TEST(encrypted->findings.at(0).name == "ANTIVIRUS_ENCRYPTED");
  }
}

BOOST_AUTO_TEST_CASE(a_failed_scan_is_never_an_opinion) {
  const Answer failed = answer_to({ScanOutcome::error, "", "no space", false}, {});
  const Answer unfit = answer_to({ScanOutcome::error, "", "canary", true}, {});
  BOOST_REQUIRE(!failed && !unfit);
  BOOST_TEST((unfit.error().code == std::errc::state_not_recoverable));
}

BOOST_AUTO_TEST_SUITE_END()
