// language_conformance_test.cc — what SpamAssassin 4.0.1 answers to our own rules and messages, we
// answer too: every case of the files language_*.cases is a test of its own name.
#include <algorithm>
#include <filesystem>
#include <stdexcept>

#include <boost/test/unit_test.hpp>

#include "tests/rules/conformance/language_cases.h"

namespace postern {
namespace {

std::filesystem::path folder() {
  return std::filesystem::path(POSTERN_SOURCE_DIR) / "tests/rules/conformance";
}

/// Without the empty lines that part one case from the next.
std::string without_end(std::string text) {
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

void run_case(const LanguageCase& language_case) {
  BOOST_TEST(without_end(outcome_of(language_case)) == without_end(language_case.expected),
             language_case.where << ": " << language_case.name << "\nhere:\n"
                                 << outcome_of(language_case) << "expected:\n"
                                 << language_case.expected);
}

std::string test_name(std::string name) {
  for (char& c : name) {
    if (c == ' ') c = '_';
  }
  return name;
}

boost::unit_test::test_suite* suite_of(const std::filesystem::path& file) {
  auto* const suite = BOOST_TEST_SUITE(file.stem().string());
  const auto add = [suite](const std::string& name, const boost::function<void()>& run) {
    suite->add(boost::unit_test::make_test_case(run, test_name(name), __FILE__, __LINE__));
  };
  try {
    for (const auto& language_case : read_language_cases(file.string()))
      add(language_case.name, [language_case] { run_case(language_case); });
  } catch (const std::runtime_error& error) {
    add("the file can be read", [what = std::string(error.what())] { BOOST_FAIL(what); });
  }
  return suite;
}

/// Before main, as Boost.Test collects its own; a file that cannot be read fails as a test.
bool add_cases() {
  auto& all = boost::unit_test::framework::current_auto_test_suite();
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder())) {
    const auto name = entry.path().filename().string();
    if (name.starts_with("language_") && name.ends_with(".cases")) files.push_back(entry.path());
  }
  std::ranges::sort(files);
  for (const auto& file : files) all.add(suite_of(file));
  return !files.empty();
}

const bool cases_added = add_cases();

BOOST_AUTO_TEST_CASE(there_are_cases) { BOOST_TEST(cases_added); }

}  // namespace
}  // namespace postern
