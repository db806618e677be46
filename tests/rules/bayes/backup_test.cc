// backup_test.cc — the text of a backup.
#include "rules/bayes/backup.h"

#include <boost/test/unit_test.hpp>

namespace postern {
namespace {

constexpr std::uint32_t now = 2000000000;

BackupReader started() {
  BackupReader reader(now);
  BOOST_TEST_REQUIRE(reader.read("v\t3\tdb_version # this must be the first line!!!").has_value());
  return reader;
}

template <class Kind>
Kind read(BackupReader& reader, std::string_view line) {
  const auto got = reader.read(line);
  BOOST_TEST_REQUIRE(got.has_value());
  BOOST_TEST_REQUIRE(std::holds_alternative<Kind>(*got));
  return std::get<Kind>(*got);
}

BOOST_AUTO_TEST_SUITE(bayes_backup)

BOOST_AUTO_TEST_CASE(what_is_written_is_read_the_same) {
  auto reader = started();
  const TokenCounts counts{.spam = 7, .ham = 2, .last_used = 1234567890};
  std::string line = backup_line(Token{0x00ff01a2b3}, counts);
  BOOST_TEST(line == "t\t7\t2\t1234567890\t00ff01a2b3\n");
  line.pop_back();

  const auto read_again = read<BackupToken>(reader, line);

  BOOST_TEST(read_again.token == 0x00ff01a2b3);
  BOOST_TEST((read_again.counts == counts));
}

BOOST_AUTO_TEST_CASE(the_first_line_must_be_the_version) {
  BackupReader reader(now);
  BOOST_TEST(!reader.read("t\t1\t0\t1\t0011223344").has_value());
  BackupReader other(now);
  BOOST_TEST(!other.read("v\t4\tdb_version").has_value());
}

BOOST_AUTO_TEST_CASE(what_is_missing_is_named) {
  auto reader = started();
  BOOST_TEST(reader.missing() == "there is no line with num_spam");
  read<BackupSpam>(reader, "v\t5\tnum_spam");
  BOOST_TEST(reader.missing() == "there is no line with num_nonspam");
  BOOST_TEST(read<BackupHam>(reader, "v\t6\tnum_nonspam").messages == 6);
  BOOST_TEST(reader.missing() == "");
}

BOOST_AUTO_TEST_CASE(times_to_come_are_now_and_counts_below_nothing_are_nothing) {
  auto reader = started();

  const auto token = read<BackupToken>(reader, "t\t-3\t1\t4000000000\t0011223344");

  BOOST_TEST(token.counts.spam == 0);
  BOOST_TEST(token.counts.last_used == now);
  read<BackupNothing>(reader, "t\t0\t0\t1\t0011223344");
}

BOOST_AUTO_TEST_CASE(a_version_two_file_has_the_words_themselves) {
  BackupReader reader(now);
  BOOST_TEST_REQUIRE(reader.read("v\t2\tdb_version").has_value());

  BOOST_TEST(read<BackupToken>(reader, "t\t1\t0\t9\thello").token == token_of("hello"));
}

BOOST_AUTO_TEST_CASE(a_token_that_is_no_number_is_an_error) {
  auto reader = started();
  BOOST_TEST(!reader.read("t\t1\t0\t9\t00112233zz").has_value());
  BOOST_TEST(!reader.read("t\t1\t0\t9\t001122334455").has_value());
}

BOOST_AUTO_TEST_CASE(seen_messages_keep_ids_with_blanks) {
  auto reader = started();

  const auto seen = read<BackupSeen>(reader, "s\th\tan id@with blanks ");

  BOOST_TEST(!seen.spam);
  BOOST_TEST(seen.message_id == "an id@with blanks ");
  read<BackupNothing>(reader, "s\tx\tid");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace postern
