#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include <algorithm>

#include "gateway/base/metrics.h"
#include "gateway/queue/record.h"
#include "tests/queue/spool_fixture.h"

using namespace postern;

namespace {

struct CollectionFixture : SpoolFixture {
  std::uint64_t log_octets() const {
    std::uint64_t octets = 0;
    for (const auto& [path, file] : history->now().files) {
      if (path.starts_with("log/")) octets += file.size();
    }
    return octets;
  }
  bool has_segment(std::uint32_t number) const {
    return history->now().files.contains(segment_path(number));
  }
  /// Mail that comes and goes.
  void pass_through(int messages) {
    for (int i = 0; i < messages; ++i) {
      const auto id = accept(2000);
      BOOST_REQUIRE(id);
      spool->progress(delivered(*id));
    }
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(collection, CollectionFixture)

BOOST_AUTO_TEST_CASE(a_log_without_living_messages_does_not_grow) {
  BOOST_REQUIRE(open());
  pass_through(300);
  settle();
  BOOST_TEST(log_octets() < 4 * settings.segment_size);
  BOOST_TEST(!has_segment(1));
}

BOOST_AUTO_TEST_CASE(the_few_that_stay_are_copied_with_their_state_and_the_old_segments_go) {
  BOOST_REQUIRE(open());
  std::vector<MessageId> kept;
  std::vector<std::size_t> sizes;
  for (int i = 0; i < 20; ++i) {
    sizes.push_back(i % 5 == 0 ? 6000U : 700U);
    kept.push_back(*accept(sizes.back(), 3));
    auto change =
        deferred(kept.back(), static_cast<std::uint32_t>(i), "450 reply " + std::to_string(i));
    change.changes = {{1, RecipientState::delivered}};
    spool->progress(change);
    pass_through(15);
  }
  pass_through(400);
  settle();
  BOOST_TEST(!has_segment(1));
  BOOST_TEST(log_octets() < 8 * settings.segment_size);

  for (const bool restarted : {false, true}) {
    if (restarted) BOOST_REQUIRE(reopen());
    for (std::size_t i = 0; i < kept.size(); ++i) {
      const auto now = spool->envelope(kept[i]);
      BOOST_REQUIRE(now);
      BOOST_TEST(now->attempts == i);
      BOOST_TEST(now->last_reply == "450 reply " + std::to_string(i));
      BOOST_TEST((now->recipients[1].state == RecipientState::delivered));
      BOOST_TEST(now->open_recipients() == 2U);
      BOOST_TEST(**spool->content(kept[i]) == *content(kept[i], sizes[i]));
    }
    BOOST_TEST(report.corrupt_records == 0U);
  }
}

BOOST_AUTO_TEST_CASE(collection_writes_at_most_about_as_much_as_the_mail_itself) {
  const auto& collected = counter("postern_spool_collected_octets_total", "");
  const auto& written = counter("postern_spool_written_octets_total", "");
  settings.segment_size = 64 << 10;
  BOOST_REQUIRE(open());
  const auto collected_before = collected.value();
  const auto written_before = written.value();

  for (int i = 0; i < 600; ++i) {
    const auto id = accept(1500);
    if (i % 20 != 0) spool->progress(delivered(*id));
  }

  const auto copies = collected.value() - collected_before;
  const auto mail = written.value() - written_before - copies;
  BOOST_TEST(copies > 0U);
  BOOST_TEST(copies <= mail);
}

BOOST_AUTO_TEST_CASE(a_message_that_was_over_stays_over_whatever_is_deleted) {
  BOOST_REQUIRE(open());
  const auto stays = *accept();
  std::vector<MessageId> over;
  for (int i = 0; i < 40; ++i) {
    const auto id = *accept(1800);
    over.push_back(id);
    if (over.size() > 10) spool->progress(delivered(over[over.size() - 10]));
  }
  for (const auto id : over) spool->progress(delivered(id));
  pass_through(200);
  settle();
  BOOST_TEST(!has_segment(1));

  BOOST_REQUIRE(reopen());

  const auto ids = spool->ids();
  BOOST_TEST(std::ranges::count(ids, stays) == 1);
  for (const auto id : over) BOOST_TEST(std::ranges::count(ids, id) == 0);
}

BOOST_AUTO_TEST_CASE(f11_copies_that_could_not_be_synced_leave_the_original_in_place) {
  BOOST_REQUIRE(open());
  std::vector<MessageId> kept;
  for (int i = 0; i < 10; ++i) {
    kept.push_back(*accept(1500));
    pass_through(12);
  }
  for (unsigned i = 0; i < 40; ++i) {
    history->inject({DiskHistory::Kind::sync, "log/", EIO, i % 3});
    static_cast<void>(accept(300));
    clock.pass(std::chrono::seconds(11));
    for (int j = 0; j < 5; ++j) {
      if (const auto id = accept(2000)) spool->progress(delivered(*id));
    }
  }
  BOOST_TEST(!has_segment(1));

  for (const auto id : kept) BOOST_REQUIRE(**spool->content(id) == *content(id, 1500));
  BOOST_REQUIRE(reopen());
  for (const auto id : kept) BOOST_REQUIRE(**spool->content(id) == *content(id, 1500));
  BOOST_TEST(history->forbidden() == 0U);
}

BOOST_AUTO_TEST_CASE(
    a_segment_that_cannot_be_deleted_is_tried_again_and_nothing_after_it_goes_first) {
  BOOST_REQUIRE(open());
  history->inject({DiskHistory::Kind::remove, "log/", EIO});
  pass_through(100);
  BOOST_TEST(has_segment(1));
  BOOST_TEST(has_segment(2));

  clock.pass(std::chrono::seconds(11));
  pass_through(20);
  settle();

  BOOST_TEST(!has_segment(1));
  BOOST_TEST(!has_segment(2));
}

BOOST_AUTO_TEST_SUITE_END()
