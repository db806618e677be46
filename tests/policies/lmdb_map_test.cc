#define BOOST_TEST_DYN_LINK
#include "policies/lmdb_map.h"

#include <fcntl.h>
#include <lmdb.h>

#include <boost/test/unit_test.hpp>

#include "gateway/base/unique_fd.h"
#include "tests/policies/open_maps.h"
#include "tests/policies/temporary_folder.h"

using namespace postern;

namespace {

/// A table as postmap writes it, with or without the final NULs.
void write_table(const std::string& file, std::string key, std::string value, bool nul) {
  MDB_env* environment = nullptr;
  BOOST_REQUIRE(mdb_env_create(&environment) == 0);
  BOOST_REQUIRE(mdb_env_open(environment, file.c_str(), MDB_NOSUBDIR | MDB_NOLOCK, 0600) == 0);
  MDB_txn* transaction = nullptr;
  BOOST_REQUIRE(mdb_txn_begin(environment, nullptr, 0, &transaction) == 0);
  MDB_dbi table = 0;
  BOOST_REQUIRE(mdb_dbi_open(transaction, nullptr, 0, &table) == 0);
  MDB_val stored_key{key.size() + (nul ? 1 : 0), key.data()};
  MDB_val stored_value{value.size() + (nul ? 1 : 0), value.data()};
  BOOST_REQUIRE(mdb_put(transaction, table, &stored_key, &stored_value, 0) == 0);
  BOOST_REQUIRE(mdb_txn_commit(transaction) == 0);
  mdb_env_close(environment);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(lmdb_maps)

BOOST_AUTO_TEST_CASE(keys_with_and_without_a_final_nul_are_found) {
  for (const bool nul : {false, true}) {
    const TemporaryFolder folder;
    write_table(folder.path() + "/table.lmdb", "user@example.org", "OK", nul);

    const auto map = open_good("lmdb:" + folder.path() + "/table");

    BOOST_TEST(ask(*map, "User@example.org") == "OK");
    BOOST_TEST(ask(*map, "user@example.or") == "(none)");
    BOOST_TEST(ask(*map, "") == "(none)");
    BOOST_TEST(ask(*map, std::string(5000, 'x')) == "(none)");
    BOOST_TEST(map->size() == 1U);
  }
}

BOOST_AUTO_TEST_CASE(the_file_itself_may_be_named) {
  const TemporaryFolder folder;
  write_table(folder.path() + "/table.lmdb", "a", "b", false);

  BOOST_TEST(ask(*open_good("lmdb:" + folder.path() + "/table.lmdb"), "a") == "b");
}

BOOST_AUTO_TEST_CASE(what_is_written_later_is_found_without_a_reload) {
  const TemporaryFolder folder;
  const std::string file = folder.path() + "/table.lmdb";
  write_table(file, "a", "b", true);
  const auto map = open_good("lmdb:" + folder.path() + "/table");

  write_table(file, "later", "yes", true);

  BOOST_TEST(ask(*map, "later") == "yes");
}

BOOST_AUTO_TEST_CASE(while_the_table_is_rewritten_the_answer_is_an_error) {
  const TemporaryFolder folder;
  const std::string file = folder.path() + "/table.lmdb";
  write_table(file, "a", "b", true);
  const auto map = open_good("lmdb:" + folder.path() + "/table");

  UniqueFd writer(::open(file.c_str(), O_RDWR | O_CLOEXEC));
  struct flock lock{};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  BOOST_REQUIRE(::fcntl(writer.get(), F_OFD_SETLK, &lock) == 0);

  BOOST_TEST(ask(*map, "a") == "(error)");

  writer.reset();
  BOOST_TEST(ask(*map, "a") == "b");
}

BOOST_AUTO_TEST_CASE(a_text_file_is_no_lmdb_table) {
  const TemporaryFolder folder;
  const auto file = folder.write("table", std::string(20000, 'x'));
  std::vector<Problem> problems;

  const auto map = open_map("lmdb:" + file, problems);

  BOOST_REQUIRE(!map);
  BOOST_TEST(map.error().what.find("postmap lmdb:") != std::string::npos, map.error().what);
}

BOOST_AUTO_TEST_SUITE_END()
