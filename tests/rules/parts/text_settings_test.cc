#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "tests/rules/evals/evals_support.h"

using namespace postern;

namespace {
struct Lines {
  RuleSettings settings;
  std::size_t problems = 0;
  std::size_t remarks = 0;

  void read(std::string_view line) {
    const auto diagnosis = apply(text_directives(), line, settings);
    problems += diagnosis.problems.size();
    remarks += diagnosis.remarks.size();
  }
};
}  // namespace

BOOST_AUTO_TEST_SUITE(text_settings)

BOOST_AUTO_TEST_CASE(sizes_are_numbers_and_0_is_no_limit) {
  Lines lines;
  lines.read("body_part_scan_size 1000");
  lines.read("rawbody_part_scan_size 0");
  BOOST_TEST(lines.settings.text.body_part_scan_size == 1000U);
  BOOST_TEST(lines.settings.text.rawbody_part_scan_size == 0U);
  lines.read("body_part_scan_size many");
  BOOST_TEST(lines.settings.text.body_part_scan_size == 1000U);
  BOOST_TEST(lines.problems == 1U);
}

BOOST_AUTO_TEST_CASE(to_switch_normalizing_of_charsets_off_is_remarked_upon) {
  Lines lines;
  lines.read("normalize_charset 1");
  BOOST_TEST(lines.remarks == 0U);
  lines.read("normalize_charset no");
  BOOST_TEST(lines.remarks == 1U);
  BOOST_TEST(lines.problems == 0U);
  lines.read("normalize_charset maybe");
  BOOST_TEST(lines.problems == 1U);
}

BOOST_AUTO_TEST_SUITE_END()
