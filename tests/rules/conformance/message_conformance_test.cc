#define BOOST_TEST_DYN_LINK
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <filesystem>

#include "tests/rules/conformance/answers.h"
#include "tests/rules/conformance/case_file.h"

using namespace postern;

namespace {

constexpr std::string_view folder = POSTERN_SOURCE_DIR "/tests/rules/conformance";

std::vector<std::string> topics() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const auto& path = entry.path();
    const bool ours =
        path.extension() == ".cases" && !path.stem().string().starts_with("language_");
    if (ours) names.push_back(path.stem().string());
  }
  std::ranges::sort(names);
  return names;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(message_conformance)

BOOST_DATA_TEST_CASE(every_answer_is_the_one_that_spamassassin_gives,
                     boost::unit_test::data::make(topics()), topic) {
  const auto file = std::string(folder) + '/' + topic + ".cases";

  for (const auto& check : read_cases(file)) {
    BOOST_TEST_CONTEXT(topic << ".cases:" << check.line << ": " << check.name) {
      BOOST_TEST(answers_to(check) == check.answers, boost::test_tools::per_element());
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
