#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <thread>

#include "tests/queue/spool_fixture.h"

using namespace postern;
using Kind = DiskHistory::Kind;

BOOST_FIXTURE_TEST_SUITE(faults, SpoolFixture)

BOOST_AUTO_TEST_CASE(f11_a_failed_sync_refuses_the_batch_and_the_next_goes_to_a_new_segment) {
  BOOST_REQUIRE(open());
  const auto before = accept();
  history->inject({Kind::sync, "log/", EIO});

  const auto failed = accept();

  BOOST_REQUIRE(!failed);
  BOOST_TEST((failed.error().code == std::errc::io_error));
  const auto after = accept();
  BOOST_REQUIRE(after);
  BOOST_TEST(spool->healthy());
  BOOST_TEST((spool->ids() == std::vector{*before, *after}));
  BOOST_TEST(history->forbidden() == 0U);
  BOOST_REQUIRE(reopen_after_power_cut());
  BOOST_TEST((spool->ids() == std::vector{*before, *after}));
  BOOST_TEST(report.corrupt_records == 0U);
}

BOOST_AUTO_TEST_CASE(f11_a_failed_write_is_treated_alike) {
  BOOST_REQUIRE(open());
  const auto before = accept();
  history->inject({Kind::write, "log/", EIO});

  BOOST_TEST((accept().error().code == std::errc::io_error));

  const auto after = accept();
  BOOST_REQUIRE(after);
  BOOST_REQUIRE(reopen());
  BOOST_TEST((spool->ids() == std::vector{*before, *after}));
  BOOST_TEST(report.corrupt_records == 0U);
}

BOOST_AUTO_TEST_CASE(f11_while_no_segment_can_be_begun_mail_is_refused_and_then_it_flows_again) {
  BOOST_REQUIRE(open());
  const auto before = accept();
  history->inject({Kind::sync, "log/", EIO, 0, 2});

  BOOST_TEST(!accept());
  BOOST_TEST(!spool->healthy());
  BOOST_TEST((accept().error().code == std::errc::io_error));
  clock.pass(std::chrono::seconds(2));
  const auto after = accept();

  BOOST_REQUIRE(after);
  BOOST_TEST(spool->healthy());
  BOOST_REQUIRE(reopen_after_power_cut());
  BOOST_TEST((spool->ids() == std::vector{*before, *after}));
}

BOOST_AUTO_TEST_CASE(f11_what_was_delivered_is_recorded_in_the_new_segment) {
  BOOST_REQUIRE(open());
  const auto first = accept();
  const auto second = accept();
  const auto third = accept(500, 2);
  history->inject({Kind::sync, "log/", EIO});
  // The first waits for no answer, the second gets the error: both are true already.
  spool->progress(delivered(*first));
  BOOST_TEST(!record(delivered(*second)));
  spool->progress(deferred(*third, 5, "450 later"));
  const auto last = accept();

  BOOST_REQUIRE(reopen_after_power_cut());

  BOOST_TEST((spool->ids() == std::vector{*third, *last}));
  BOOST_TEST(spool->envelope(*third)->attempts == 5U);
}

BOOST_AUTO_TEST_CASE(f11_a_large_message_whose_file_fails_is_refused_and_leaves_nothing) {
  BOOST_REQUIRE(open());
  history->inject({Kind::sync, "content/", EIO});
  BOOST_TEST((accept(10000).error().code == std::errc::io_error));
  history->inject({Kind::sync_directory, "content", EIO});
  BOOST_TEST((accept(10000).error().code == std::errc::io_error));
  BOOST_TEST(files_in("content") == 0U);
  BOOST_TEST(accept(10000).has_value());
}

BOOST_AUTO_TEST_CASE(f11_a_spool_that_cannot_write_opens_and_serves_what_it_has) {
  BOOST_REQUIRE(open());
  const auto id = accept();
  spool.reset();
  history = std::make_shared<DiskHistory>(history->now());
  history->inject({Kind::create, "log/", EIO});

  BOOST_REQUIRE(open());

  BOOST_TEST(!spool->healthy());
  BOOST_TEST(spool->content(*id).has_value());
  BOOST_TEST(!accept());
  clock.pass(std::chrono::seconds(2));
  BOOST_TEST(accept().has_value());
}

BOOST_AUTO_TEST_CASE(f10_a_full_disk_refuses_messages_and_still_records_deliveries) {
  settings.segment_size = 1 << 20;
  history->set_capacity(400 << 10);
  BOOST_REQUIRE(open());
  std::vector<MessageId> accepted;
  for (;;) {
    const auto id = accept(3000);
    if (!id) {
      BOOST_TEST((id.error().code == std::errc::no_space_on_device));
      break;
    }
    accepted.push_back(*id);
  }
  BOOST_REQUIRE(accepted.size() > 50U);

  BOOST_TEST(spool->healthy());
  for (const auto id : accepted)
    BOOST_REQUIRE(record(deferred(id, 1, "450 the store is full, too")));
  BOOST_TEST(spool->healthy());
  BOOST_TEST(!accept(3000));
  BOOST_REQUIRE(reopen());
  BOOST_TEST((spool->ids() == accepted));
  for (const auto& message : found) BOOST_TEST(message.attempts == 1U);
  BOOST_TEST(report.corrupt_records == 0U);
}

BOOST_AUTO_TEST_CASE(f10_a_full_disk_recovers_alone_when_messages_leave) {
  history->set_capacity(200 << 10);
  BOOST_REQUIRE(open());
  std::vector<MessageId> accepted;
  while (const auto id = accept(3000)) accepted.push_back(*id);

  for (const auto id : accepted) BOOST_REQUIRE(record(delivered(id)));
  clock.pass(std::chrono::seconds(20));
  BOOST_REQUIRE(record(delivered(MessageId{1})).error().code ==
                std::errc::no_such_file_or_directory);
  bool again = false;
  for (int i = 0; i < 20 && !again; ++i) {
    clock.pass(std::chrono::seconds(2));
    again = accept(3000).has_value();
  }

  BOOST_TEST(again);
}

BOOST_AUTO_TEST_CASE(f10_a_large_message_that_does_not_fit_is_refused_and_leaves_nothing) {
  history->set_capacity(200 << 10);
  BOOST_REQUIRE(open());
  BOOST_TEST((accept(500 << 10).error().code == std::errc::no_space_on_device));
  BOOST_TEST(files_in("content") == 0U);
  BOOST_TEST(accept(3000).has_value());
}

BOOST_AUTO_TEST_CASE(f10_where_space_cannot_be_reserved_a_full_disk_cuts_the_batch_off) {
  BOOST_REQUIRE(open());
  const auto before = accept();
  history->inject({Kind::write, "log/", ENOSPC});

  BOOST_TEST((accept().error().code == std::errc::no_space_on_device));

  BOOST_TEST(spool->healthy());
  const auto after = accept();
  BOOST_REQUIRE(after);
  BOOST_REQUIRE(reopen());
  BOOST_TEST((spool->ids() == std::vector{*before, *after}));
  BOOST_TEST(report.torn_octets == 0U);
  BOOST_TEST(report.corrupt_records == 0U);
}

BOOST_AUTO_TEST_CASE(
    f10_when_even_the_room_for_progress_is_used_up_deliveries_pause_and_are_recorded_later) {
  BOOST_REQUIRE(open());
  const auto over = *accept();
  const auto stays = *accept();
  history->inject({Kind::write, "log/", ENOSPC, 0, 4});

  BOOST_TEST((record(delivered(over)).error().code == std::errc::no_space_on_device));
  BOOST_TEST(!spool->healthy());
  BOOST_TEST((record(deferred(stays, 3, "450")).error().code == std::errc::no_space_on_device));
  BOOST_TEST(!spool->healthy());
  BOOST_TEST(record(deferred(stays, 4, "450")).has_value());

  BOOST_TEST(spool->healthy());
  BOOST_REQUIRE(reopen_after_power_cut());
  BOOST_TEST((spool->ids() == std::vector{stays}));
  BOOST_TEST(spool->envelope(stays)->attempts == 4U);
}

BOOST_AUTO_TEST_CASE(
    f10_without_an_inode_for_a_new_segment_mail_gets_452_and_progress_is_recorded) {
  BOOST_REQUIRE(open());
  std::vector<MessageId> accepted;
  history->inject({Kind::create, "log/", ENOSPC, 0, 1000});
  for (;;) {
    const auto id = accept(3000);
    if (!id) {
      BOOST_TEST((id.error().code == std::errc::no_space_on_device));
      break;
    }
    accepted.push_back(*id);
  }

  BOOST_TEST(spool->healthy());
  BOOST_REQUIRE(accepted.size() > 3U);
  for (const auto id : accepted) BOOST_TEST(record(deferred(id, 2, "450")).has_value());
  BOOST_REQUIRE(record(delivered(accepted[0])));
  BOOST_REQUIRE(reopen_after_power_cut());
  accepted.erase(accepted.begin());
  BOOST_TEST((spool->ids() == accepted));
  for (const auto& message : found) BOOST_TEST(message.attempts == 2U);
}

BOOST_AUTO_TEST_CASE(f11_a_completion_that_cannot_be_recorded_is_told_until_it_is_and_then_it_is) {
  BOOST_REQUIRE(open());
  const auto over = *accept();
  const auto stays = *accept();
  history->inject({Kind::sync, "log/", EIO, 0, 2});  // of the segment, and of the next one

  BOOST_TEST((record(delivered(over)).error().code == std::errc::io_error));

  BOOST_TEST(!spool->healthy());  // so that no further delivery is begun
  BOOST_TEST(!record(deferred(stays, 1, "450")));
  BOOST_TEST(!spool->healthy());
  clock.pass(std::chrono::seconds(2));
  BOOST_TEST(record(deferred(stays, 2, "450")).has_value());
  BOOST_TEST(spool->healthy());
  BOOST_REQUIRE(reopen_after_power_cut());
  BOOST_TEST((spool->ids() == std::vector{stays}));
  BOOST_TEST(spool->envelope(stays)->attempts == 2U);
  BOOST_TEST(history->forbidden() == 0U);
}

BOOST_AUTO_TEST_CASE(f11_a_start_whose_sync_fails_serves_what_it_read_and_uses_the_file_no_more) {
  BOOST_REQUIRE(open());
  const auto id = *accept();
  const auto image = without_checkpoint(history->now());
  spool.reset();
  history = std::make_shared<DiskHistory>(image);
  history->inject({Kind::sync, "log/0000000000000001", EIO});

  BOOST_REQUIRE(open());

  BOOST_TEST((spool->ids() == std::vector{id}));
  const auto later = *accept();
  BOOST_TEST(history->forbidden() == 0U);
  BOOST_REQUIRE(reopen_after_power_cut());
  BOOST_TEST((spool->ids() == std::vector{id, later}));
  BOOST_TEST(report.corrupt_records == 0U);
}

BOOST_AUTO_TEST_CASE(f12_what_comes_while_a_sync_takes_its_time_shares_the_next_one) {
  settings.segment_size = 8 << 20;
  BOOST_REQUIRE(open());
  const auto deferred_one = *accept();
  history->hold_syncs("log/");
  Answers first;
  const auto before = history->size();
  spool->accept(envelope(), content({1}, 100), first.one());
  history->wait_for_held_sync();

  Answers rest;
  std::atomic<int> answered = 0;
  for (int i = 0; i < 300; ++i) {
    const auto message = envelope();
    spool->accept(message, content(message->id, 1000),
                  rest.one([&answered](const Result<>&) { ++answered; }));
  }
  spool->progress(deferred(deferred_one, 1, "450"), rest.one());
  BOOST_TEST(answered == 0);
  history->hold_syncs("");

  for (const auto& result : first.wait()) BOOST_REQUIRE(result);
  for (const auto& result : rest.wait()) BOOST_REQUIRE(result);
  const auto operations = history->operations();
  BOOST_TEST(
      std::count_if(operations.begin() + static_cast<std::ptrdiff_t>(before), operations.end(),
                    [](const auto& operation) { return operation.kind == Kind::sync; }) == 2);
  BOOST_REQUIRE(reopen_after_power_cut());
  BOOST_TEST(spool->ids().size() == 302U);
}

BOOST_AUTO_TEST_CASE(f12_a_disk_that_takes_half_a_second_to_sync_loses_nothing_and_still_groups) {
  settings.segment_size = 8 << 20;
  BOOST_REQUIRE(open());
  const auto before = history->size();
  history->slow_syncs(std::chrono::milliseconds(500));
  Answers answers;
  {
    std::vector<std::jthread> writers;
    for (int writer = 0; writer < 8; ++writer) {
      writers.emplace_back([&] {
        for (int i = 0; i < 2; ++i) {
          const auto message = envelope();
          Answers own;
          spool->accept(message, content(message->id, 1000), own.one());
          own.wait();
          spool->progress(deferred(message->id, 7, "450"), answers.one());
        }
      });
    }
  }

  for (const auto& result : answers.wait()) BOOST_REQUIRE(result);
  BOOST_TEST(spool->healthy());
  const auto operations = history->operations();
  const auto syncs =
      std::count_if(operations.begin() + static_cast<std::ptrdiff_t>(before), operations.end(),
                    [](const auto& o) { return o.kind == Kind::sync; });
  BOOST_TEST(syncs <= 6);  // for 32 that wait, one after the other by two
  history->slow_syncs({});
  BOOST_REQUIRE(reopen_after_power_cut());
  BOOST_TEST(found.size() == 16U);
  for (const auto& message : found) BOOST_TEST(message.attempts == 7U);
}

BOOST_AUTO_TEST_SUITE_END()
