// A log as format version 1 wrote it, octet for octet, and what later versions make of it.
#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "gateway/base/bytes.h"
#include "gateway/queue/record.h"
#include "tests/queue/spool_fixture.h"

using namespace postern;

namespace {

constexpr std::string_view header =
    "504f535445524e0a010000000000000003000000000000008877665544332211020000000000000000200000"
    "ca707f46";

/// Message …07c0ab: two recipients, the second delivered, held, deferred for the fourth time; and
/// message …07d0ab: accepted and over.
constexpr std::string_view records =
    "887766554433221115679ae001000000ac000000150000001ed2997954c37ad1010000000000000000200000"
    "07c0ab2143650000150000000000000054c37ad10000000000401e18240a0600000000000000000000000000"
    "0d00000061406578616d706c652e6f72670000000000000000090000003139322e302e322e31000000000000"
    "00000000000000000000010000000000000000000000020000000d00000062406578616d706c652e636f6d00"
    "00000000000000000000000d00000063406578616d706c652e636f6d0000000000000000000000005375626a"
    "6563743a20780d0a0d0a48656c6c6f0d0a00000088776655443322119ab825bd010000008200000013000000"
    "75d1f909998d542602000000000000000020000007d0ab21436500001300000000000000998d542600000000"
    "00401e18240a0600000000000000000000000000000000000000000000000000090000003139322e302e322e"
    "3100000000000000000000000000000000010000000000000000000000010000000d00000064406578616d70"
    "6c652e6e65740000000000000000000000005375626a6563743a20790d0a0d0a4279650d0a00000000000000"
    "8877665544332211e3c5ba940200000032000000000000007bd4cabf000000000300000000000000b8210000"
    "07c0ab21436500000086e13b240a0600040000000109000000343530206c6174657203000000776879010000"
    "000100000001000088776655443322119191d705030000000800000000000000b477365f0000000004000000"
    "000000001822000007d0ab214365000000000000";

std::string octets_of(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    out += static_cast<char>(std::stoi(std::string(text.substr(i, 2)), nullptr, 16));
  }
  return out;
}

struct OldLog : SpoolFixture {
  const MessageId id{0x0000654321abc007};
  const std::string path = "log/0000000000000003.seg";
  DiskImage image;

  OldLog() {
    const auto start = octets_of(header);
    std::string octets(first_record_offset, '\0');
    octets.replace(0, start.size(), start);
    octets.replace(segment_copy_offset, start.size(), start);
    image.directories = {"log", "content", "corrupt"};
    image.files[path] = octets + octets_of(records);
    history = std::make_shared<DiskHistory>(image);
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(older_version, OldLog)

BOOST_AUTO_TEST_CASE(f91_a_log_of_version_1_is_read_whole) {
  BOOST_REQUIRE(open());

  BOOST_TEST(report.records == 4U);
  BOOST_TEST(report.corrupt_records == 0U);
  BOOST_TEST(report.torn_octets == 0U);
  BOOST_TEST((spool->ids() == std::vector{id}));
  const auto now = spool->envelope(id);
  BOOST_REQUIRE(now);
  BOOST_TEST(now->sender == "a@example.org");
  BOOST_TEST(now->client_address == "192.0.2.1");
  BOOST_TEST(now->attempts == 4U);
  BOOST_TEST(now->last_reply == "450 later");
  BOOST_TEST(now->hold == "why");
  BOOST_TEST(now->route == "");
  BOOST_TEST(!now->delay_notice_sent);
  BOOST_TEST(now->recipients[0].open());
  BOOST_TEST((now->recipients[1].state == RecipientState::delivered));
  BOOST_TEST(**spool->content(id) == "Subject: x\r\n\r\nHello\r\n");
}

BOOST_AUTO_TEST_CASE(f91_what_follows_a_log_of_version_1_is_of_version_2_and_both_are_read) {
  BOOST_REQUIRE(open());
  Progress reroute;
  reroute.id = id;
  reroute.attempted = false;
  reroute.route = "smtp:[192.0.2.9]";
  BOOST_REQUIRE(record(reroute));
  const auto later = *accept();
  const auto written = newest_segment();

  BOOST_TEST(parse_segment_header(history->now().files.at(path)).version == 1U);
  BOOST_TEST(parse_segment_header(history->now().files.at(written)).version == 2U);
  BOOST_REQUIRE(reopen());
  BOOST_TEST((spool->ids() == std::vector{id, later}));
  BOOST_TEST(spool->envelope(id)->route == "smtp:[192.0.2.9]");
  BOOST_TEST(spool->envelope(id)->attempts == 4U);
}

BOOST_AUTO_TEST_CASE(f91_a_log_of_version_1_beside_one_of_a_later_version_is_refused_whole) {
  std::string later = encode_segment_header({9, 1, 3, first_record_offset});
  for (const std::size_t at : {std::size_t{0}, segment_copy_offset}) {
    later[at + 8] = format_version + 1;
    const auto crc = crc32c(std::string_view(later).substr(at, segment_header_size - 4));
    for (unsigned i = 0; i < 4; ++i)
      later[at + segment_header_size - 4 + i] = static_cast<char>(crc >> (8 * i));
  }
  image.files["log/0000000000000009.seg"] = later;
  history = std::make_shared<DiskHistory>(image);

  BOOST_TEST((open().error().code == std::errc::not_supported));

  BOOST_TEST((history->now().files == image.files));
}

BOOST_AUTO_TEST_SUITE_END()
