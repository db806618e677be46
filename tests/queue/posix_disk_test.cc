#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include <climits>
#include <cstdlib>
#include <filesystem>
#include <vector>

#include "gateway/queue/backup.h"
#include "tests/queue/spool_fixture.h"

using namespace postern;

namespace {

struct Folder {
  std::string path;
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "postern-queue-XXXXXX").string();
    BOOST_REQUIRE(::mkdtemp(name.data()) != nullptr);
    path = name;
  }
  ~Folder() { std::filesystem::remove_all(path); }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(posix_disk, Folder)

BOOST_AUTO_TEST_CASE(more_pieces_than_one_call_takes_are_written_in_order) {
  const auto disk = open_disk(path);
  BOOST_REQUIRE(disk);
  const auto file = (*disk)->create("file");
  BOOST_REQUIRE(file);
  std::vector<std::string> octets;
  for (int i = 0; i < IOV_MAX * 2 + 17; ++i)
    octets.push_back(std::string(static_cast<std::size_t>(i % 5), 'a'));
  octets.push_back("end");
  std::string wanted;
  for (const auto& piece : octets) wanted += piece;
  const std::vector<std::string_view> pieces(octets.begin(), octets.end());

  BOOST_REQUIRE((*file)->write(3, pieces));
  BOOST_REQUIRE((*file)->sync());

  BOOST_TEST(*(*file)->size() == wanted.size() + 3);
  BOOST_TEST(*(*file)->read(3, wanted.size() + 100) == wanted);
}

BOOST_AUTO_TEST_CASE(as_many_octets_are_read_as_were_asked_for) {
  const auto disk = open_disk(path);
  const auto file = *(*disk)->create("file");
  const std::string octets(1000, 'x');
  const std::string_view pieces[] = {octets};
  BOOST_REQUIRE(file->write(0, pieces));
  for (std::size_t length = 0; length < 300; ++length)
    BOOST_REQUIRE(file->read(0, length)->size() == length);
  BOOST_TEST(file->read(990, 300)->size() == 10U);
}

BOOST_AUTO_TEST_CASE(a_reserve_does_not_change_the_size) {
  const auto disk = open_disk(path);
  const auto file = (*disk)->create("file");
  const auto reserved = (*file)->reserve(1 << 20);
  BOOST_TEST((reserved || reserved.error().code == std::errc::operation_not_supported));
  BOOST_TEST(*(*file)->size() == 0U);
}

BOOST_AUTO_TEST_CASE(names_are_created_once_listed_renamed_and_removed) {
  const auto disk = open_disk(path);
  BOOST_REQUIRE((*disk)->make_directory("sub"));
  BOOST_REQUIRE((*disk)->make_directory("sub"));
  BOOST_REQUIRE((*disk)->create("sub/a"));
  BOOST_TEST(((*disk)->create("sub/a").error().code == std::errc::file_exists));
  BOOST_REQUIRE((*disk)->rename("sub/a", "sub/b"));
  BOOST_REQUIRE((*disk)->sync_directory("sub"));
  BOOST_TEST((*(*disk)->list("sub") == std::vector<std::string>{"b"}));
  BOOST_REQUIRE((*disk)->remove("sub/b"));
  BOOST_TEST(((*disk)->open("sub/b").error().code == std::errc::no_such_file_or_directory));
  BOOST_TEST(!(*disk)->list("nowhere"));
  BOOST_TEST(*(*disk)->free_space() > 0U);
}

BOOST_AUTO_TEST_CASE(f06_a_second_gateway_on_the_spool_is_refused_and_the_first_goes_on) {
  MovableClock clock;
  RecoveryReport report;
  auto first = Spool::open(*open_disk(path), clock, {}, nullptr, report);
  BOOST_REQUIRE(first);

  const auto second = Spool::open(*open_disk(path), clock, {}, nullptr, report);

  BOOST_REQUIRE(!second);
  BOOST_TEST((second.error().code == std::errc::device_or_resource_busy));
  SpoolFixture mail;
  const auto message = mail.envelope();
  Answers answers;
  (*first)->accept(message, SpoolFixture::content(message->id, 100), answers.one());
  BOOST_TEST(answers.wait().front().has_value());
  first->reset();
  BOOST_TEST(Spool::open(*open_disk(path), clock, {}, nullptr, report).has_value());
}

BOOST_AUTO_TEST_CASE(the_spool_keeps_its_promise_on_a_real_disk) {
  SpoolFixture mail;
  mail.settings.large_message = 4096;
  std::vector<MessageId> ids;
  for (int round = 0; round < 3; ++round) {
    RecoveryReport report;
    auto spool = Spool::open(*open_disk(path), mail.clock, mail.settings, nullptr, report);
    BOOST_REQUIRE(spool);
    BOOST_TEST(report.messages == ids.size());
    BOOST_TEST(report.from_checkpoint == ids.size());
    BOOST_TEST(report.records == 0U);
    for (const auto id : ids)
      BOOST_TEST(**(*spool)->content(id) == *SpoolFixture::content(id, id.value % 9000));
    Answers answers;
    for (int i = 0; i < 50; ++i) {
      const auto message = mail.envelope();
      ids.push_back(message->id);
      (*spool)->accept(message, SpoolFixture::content(message->id, message->id.value % 9000),
                       answers.one());
    }
    for (const auto& result : answers.wait()) BOOST_REQUIRE(result);
    if (round < 2) continue;
    Folder target;
    Folder restored;
    BOOST_REQUIRE((*spool)->backup(**open_disk(target.path)));
    BOOST_REQUIRE(restore(**open_disk(target.path), **open_disk(restored.path)));
    auto again = Spool::open(*open_disk(restored.path), mail.clock, mail.settings, nullptr, report);
    BOOST_REQUIRE(again);
    BOOST_TEST(((*again)->ids() == ids));
  }
}

BOOST_AUTO_TEST_SUITE_END()
