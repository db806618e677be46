// suites_test.cc — awkward messages that others collected, where the machine has them.
#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "gateway/mail/mime.h"
#include "gateway/mail/mime_report.h"

using namespace postern;

BOOST_AUTO_TEST_SUITE(suites)

BOOST_AUTO_TEST_CASE(no_collected_message_breaks_the_tree_or_takes_a_second) {
  const char* root = std::getenv("POSTERN_TESTDATA");
  if (root == nullptr) {
    BOOST_TEST_MESSAGE("skipped: POSTERN_TESTDATA is not set");
    std::puts("skipped: POSTERN_TESTDATA is not set");
    return;
  }
  std::size_t files = 0;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(std::filesystem::path(root) / "suites/mime")) {
    if (!entry.is_regular_file()) continue;
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string octets((std::istreambuf_iterator<char>(file)), {});

    const auto start = std::chrono::steady_clock::now();
    const auto tree = parse_mime(octets);
    const std::string report = mime_report(octets, files % 2 == 0);
    const auto took = std::chrono::steady_clock::now() - start;

    ++files;
    BOOST_TEST((took < std::chrono::seconds(1)), entry.path());
    BOOST_TEST(!report.empty());
    for (std::size_t i = 1; i < tree.parts.size(); ++i) {
      const auto& part = tree.parts[i];
      const auto& parent = tree.parts[part.parent];
      BOOST_TEST(part.parent < i);
      BOOST_TEST(part.header.begin >= parent.body.begin, entry.path());
      BOOST_TEST(part.body.end <= parent.body.end, entry.path());
    }
  }
  BOOST_TEST(files > 100U);
}

BOOST_AUTO_TEST_SUITE_END()
