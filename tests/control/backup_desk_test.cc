#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "tests/control/desk_fixture.h"

using namespace postern;
using test::DeskFixture;
using test::Said;

BOOST_FIXTURE_TEST_SUITE(backup_desk, DeskFixture)

BOOST_AUTO_TEST_CASE(a_backup_names_an_absolute_directory_that_is_there) {
  const Said relative = ask("backup", R"("to":"copy")");
  const Said missing = ask("backup", R"("to":"/nonexistent/copy")");

  BOOST_TEST(relative.kind == "usage");
  BOOST_TEST(missing.kind == "failed");
  BOOST_TEST(missing.error.find("/nonexistent/copy") != std::string::npos);
  BOOST_TEST(missing.error.find("mail_owner") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
