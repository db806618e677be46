#define BOOST_TEST_DYN_LINK
#include "policies/map_tool.h"

#include <boost/test/unit_test.hpp>

#include "tests/policies/temporary_folder.h"

using namespace postern;

BOOST_AUTO_TEST_SUITE(map_tool)

BOOST_AUTO_TEST_CASE(the_exit_code_tells_found_from_not_found_from_trouble) {
  const auto found = map_query("inline:{a=one two}", "a");
  BOOST_TEST(found.exit_code == 78);
  BOOST_TEST(map_query("inline:{{a=one two}}", "A").out == "one two\n");
  BOOST_TEST(map_query("inline:{{a=one two}}", "A").exit_code == 0);
  BOOST_TEST(map_query("inline:{a=1}", "b").exit_code == 1);
  BOOST_TEST(map_query("inline:{a=1}", "b").out.empty());
  BOOST_TEST(map_query("fail:x", "b").exit_code == 75);
  BOOST_TEST(!map_query("fail:x", "b").err.empty());
  BOOST_TEST(map_query("hash:/nonexistent", "b").exit_code == 78);
}

BOOST_AUTO_TEST_CASE(a_check_counts_the_entries_or_names_the_lines) {
  const TemporaryFolder folder;
  const auto good = folder.write("good", "a 1\nb 2\n");
  const auto bad = folder.write("bad", "a 1\nb\n");

  BOOST_TEST(map_check("hash:" + good).out == "hash:" + good + "\t2\n");
  BOOST_TEST(map_check("hash:" + good).exit_code == 0);
  BOOST_TEST(map_check("hash:" + bad).exit_code == 78);
  BOOST_TEST(map_check("hash:" + bad).err.starts_with(bad + ":2: "));
}

BOOST_AUTO_TEST_SUITE_END()
