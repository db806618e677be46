#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cerrno>
#include <random>
#include <thread>

#include "gateway/base/bytes.h"
#include "gateway/base/metrics.h"
#include "gateway/queue/checkpoint.h"
#include "gateway/queue/content_files.h"
#include "gateway/queue/octets.h"
#include "gateway/queue/record.h"
#include "tests/queue/spool_fixture.h"

using namespace postern;
using Kind = DiskHistory::Kind;

namespace {

struct CheckpointFixture : SpoolFixture {
  std::vector<MessageId> accepted;

  void fill(int messages = 6) {
    BOOST_REQUIRE(open());
    for (int i = 0; i < messages; ++i) {
      accepted.push_back(*accept(i % 3 == 0 ? 5000 : 300, 1 + static_cast<std::size_t>(i) % 3));
      auto change = deferred(accepted.back(), static_cast<std::uint32_t>(i), "450 later");
      if (i % 2 == 0) change.changes = {{1, RecipientState::delivered}};
      if (i % 4 == 0) change.hold = Progress::Hold::set;
      if (i % 5 == 0) change.route = "smtp:[192.0.2.9]";
      BOOST_REQUIRE(record(change));
    }
  }
  void start_with(DiskImage image) {
    spool.reset();
    history = std::make_shared<DiskHistory>(std::move(image));
    BOOST_REQUIRE(open());
  }
  /// What a kill -9 leaves: everything that was written, nothing that close() would have done.
  DiskImage killed() {
    auto image = history->now();
    spool.reset();
    return image;
  }
  bool has_checkpoint() const { return history->now().files.contains(checkpoint_path); }
  void wait_for_checkpoint() const {
    while (!has_checkpoint()) std::this_thread::yield();
  }

  /// All that the spool knows, as text: what two starts must agree on.
  std::string state() const {
    std::string out;
    for (const auto id : spool->ids()) {
      const auto envelope = spool->envelope(id);
      const auto content = spool->content(id);
      BOOST_REQUIRE_MESSAGE(envelope && content, id.text() << " cannot be read");
      spool->look(id, [&](const MessageSummary& m) {
        out += id.text() + " " + std::to_string(m.attempts) + " " + std::to_string(m.size) + " " +
               std::to_string(m.arrival.time_since_epoch().count()) + " " +
               std::to_string(m.next_attempt.time_since_epoch().count()) + " " +
               std::string(m.sender) + " " + std::string(m.client) + " " +
               std::string(m.last_reply) + " " + std::string(m.hold) + " " + std::string(m.route) +
               " " + std::to_string(m.delay_notice_sent) + " " + std::string(m.recipients);
      });
      out += hex(**content) + "\n";
    }
    return out;
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(checkpoints, CheckpointFixture)

BOOST_AUTO_TEST_CASE(after_a_clean_stop_nothing_of_the_log_is_read_and_everything_is_there) {
  fill();
  const auto before = state();

  BOOST_REQUIRE(reopen());

  BOOST_TEST(report.from_checkpoint == 6U);
  BOOST_TEST(report.records == 0U);
  BOOST_TEST(report.replayed_octets == 0U);
  BOOST_TEST(report.messages == 6U);
  BOOST_TEST((report.last_id == accepted.back()));
  BOOST_TEST((found_ids == accepted));
  BOOST_TEST(state() == before);
}

BOOST_AUTO_TEST_CASE(after_a_kill_only_what_came_behind_the_checkpoint_is_read) {
  fill();
  BOOST_REQUIRE(reopen());
  BOOST_REQUIRE(remove(accepted[1]));
  BOOST_REQUIRE(record(deferred(accepted[2], 9, "451 newer")));
  const auto later = *accept();
  const auto before = state();

  start_with(killed());

  BOOST_TEST(report.from_checkpoint == 6U);
  BOOST_TEST(report.records == 3U);
  BOOST_TEST(state() == before);
  BOOST_TEST((report.last_id == later));
}

BOOST_AUTO_TEST_CASE(an_id_that_was_used_is_known_though_its_message_is_over) {
  fill();
  const auto last = *accept();
  BOOST_REQUIRE(record(delivered(last)));
  BOOST_REQUIRE(reopen());
  BOOST_TEST((report.last_id == last));
}

BOOST_AUTO_TEST_CASE(a_checkpoint_is_written_while_mail_flows_when_the_log_has_grown) {
  settings.checkpoint_growth = 8 << 10;
  fill();
  wait_for_checkpoint();
  const auto before = state();

  start_with(killed());

  BOOST_TEST(report.from_checkpoint > 0U);
  BOOST_TEST(state() == before);
}

BOOST_AUTO_TEST_CASE(any_checkpoint_that_ever_was_is_right_with_the_log_of_now) {
  settings.checkpoint_growth = 3000;
  settings.segment_size = 12 << 10;
  const auto& collected = counter("postern_spool_segments_removed_total", "");
  const auto collected_before = collected.value();
  BOOST_REQUIRE(open());
  std::mt19937_64 random(7);
  std::vector<MessageId> living;
  std::vector<std::string> checkpoints;
  for (int round = 0; round < 500; ++round) {
    living.push_back(*accept(random() % 12 == 0 ? 5000 : random() % 1500, 1 + random() % 3));
    for (int i = 0; i < 3 && !living.empty(); ++i) {
      const auto at =
          living.end() - 1 -
          static_cast<std::ptrdiff_t>(random() % std::min<std::size_t>(living.size(), 9));
      auto change =
          deferred(*at, static_cast<std::uint32_t>(round), "450 " + std::to_string(round));
      switch (random() % 6) {
        case 0:
          change.hold = Progress::Hold::set;
          break;
        case 1:
          change.hold = Progress::Hold::clear;
          change.attempted = false;
          break;
        case 2:
          change.route = random() % 2 == 0 ? "smtp:[192.0.2.1]" : "";
          break;
        case 3:
          change.changes = {{1, RecipientState::delivered}};
          break;
        default:
          spool->remove(*at, [](Result<> removed) { BOOST_REQUIRE(removed); });
          living.erase(at);
          continue;
      }
      spool->progress(change);
    }
    const auto files = history->now().files;
    const auto now = files.find(checkpoint_path);
    if (now == files.end() || (!checkpoints.empty() && checkpoints.back() == now->second)) continue;
    checkpoints.push_back(now->second);
  }
  spool.reset();
  const auto image = history->now();
  checkpoints.push_back(image.files.at(checkpoint_path));
  start_with(without_checkpoint(image));
  BOOST_TEST(report.from_checkpoint == 0U);
  const auto truth = state();
  BOOST_TEST_MESSAGE(checkpoints.size() << " checkpoints");
  BOOST_TEST(checkpoints.size() > 20U);
  BOOST_TEST(collected.value() - collected_before > 10U);

  for (const auto& checkpoint : checkpoints) {
    auto old = image;
    old.files[checkpoint_path] = checkpoint;
    start_with(old);
    BOOST_REQUIRE(report.corrupt_records == 0U);
    BOOST_REQUIRE(state() == truth);
  }
}

BOOST_AUTO_TEST_CASE(f05_a_checkpoint_with_any_octet_wrong_or_cut_anywhere_is_not_used) {
  fill(3);
  const auto before = state();
  spool.reset();
  const auto image = history->now();
  const auto size = image.files.at(checkpoint_path).size();
  for (std::size_t i = 0; i < size; ++i) {
    for (const bool cut : {false, true}) {
      auto damaged = image;
      auto& octets = damaged.files.at(checkpoint_path);
      if (cut) octets.resize(i);
      if (!cut) octets[i] = static_cast<char>(octets[i] ^ 0x21);

      start_with(damaged);

      BOOST_REQUIRE(report.from_checkpoint == 0U);
      BOOST_REQUIRE(report.records == 6U);
      BOOST_REQUIRE(report.corrupt_records == 0U);
      BOOST_REQUIRE(state() == before);
    }
  }
}

BOOST_AUTO_TEST_CASE(f91_a_checkpoint_of_a_later_version_is_not_used_and_the_log_is_read) {
  fill();
  const auto before = state();
  spool.reset();
  auto image = history->now();
  auto& octets = image.files.at(checkpoint_path);
  octets[8] = 99;
  put_number(octets.data() + 68, crc32c(std::string_view(octets).substr(0, 68)));

  start_with(image);

  BOOST_TEST(report.from_checkpoint == 0U);
  BOOST_TEST(state() == before);
}

BOOST_AUTO_TEST_CASE(a_checkpoint_of_another_spool_is_not_used) {
  fill();
  const auto before = state();
  spool.reset();
  auto image = history->now();
  SpoolFixture other;
  BOOST_REQUIRE(other.open());
  for (int i = 0; i < 3; ++i) BOOST_REQUIRE(other.accept());
  other.spool.reset();
  image.files[checkpoint_path] = other.history->now().files.at(checkpoint_path);

  start_with(image);

  BOOST_TEST(report.from_checkpoint == 0U);
  BOOST_TEST(state() == before);
}

BOOST_AUTO_TEST_CASE(a_segment_that_came_in_below_the_checkpoint_is_read) {
  // As after a start that could not read the checkpoint and used numbers again.
  fill();
  BOOST_REQUIRE(reopen());
  const auto position = newest_segment();
  BOOST_REQUIRE(reopen());
  const auto before = state();
  spool.reset();
  auto image = history->now();
  auto without = without_checkpoint(image);
  without.files.erase(position);
  CheckpointFixture second;
  second.ids.not_before(accepted.back());
  second.start_with(without);
  const auto later = *second.accept();
  second.spool.reset();
  auto both = second.history->now();
  both.files[checkpoint_path] = image.files.at(checkpoint_path);

  start_with(both);

  BOOST_TEST(std::ranges::count(spool->ids(), later) == 1);
  BOOST_TEST(state().find(before) == 0U);
}

BOOST_AUTO_TEST_CASE(f11_a_checkpoint_that_cannot_be_written_leaves_the_one_before) {
  fill();
  BOOST_REQUIRE(reopen());
  const auto old = history->now().files.at(checkpoint_path);
  for (const auto kind : {Kind::create, Kind::write, Kind::sync, Kind::rename}) {
    accepted.push_back(*accept());
    history->inject({kind, "checkpoint", EIO});
    spool.reset();
    auto image = history->now();
    BOOST_TEST((image.files.at(checkpoint_path) == old));
    BOOST_TEST(!image.files.contains(unfinished_checkpoint_path));
    start_with(image);
    BOOST_TEST((spool->ids() == accepted));
    BOOST_TEST(report.from_checkpoint == 6U);
  }
}

BOOST_AUTO_TEST_CASE(f11_after_a_failure_the_checkpoint_is_tried_again_and_no_mail_waits_for_it) {
  settings.checkpoint_growth = 2000;
  BOOST_REQUIRE(open());
  history->inject({Kind::sync, "checkpoint", EIO});
  for (int i = 0; i < 20; ++i) BOOST_REQUIRE(accept());
  BOOST_TEST(spool->healthy());

  while (!has_checkpoint()) {
    clock.pass(std::chrono::seconds(61));
    BOOST_REQUIRE(accept());
  }
  BOOST_TEST(history->forbidden() == 0U);
}

BOOST_AUTO_TEST_CASE(f10_a_checkpoint_never_takes_the_space_that_mail_needs) {
  settings.queue_minfree = 1ULL << 41;  // more than the disk has
  fill();
  spool.reset();
  BOOST_TEST(!has_checkpoint());

  settings.queue_minfree = 0;
  start_with(history->now());

  BOOST_TEST((spool->ids() == accepted));
}

BOOST_AUTO_TEST_CASE(what_a_crash_left_of_an_unfinished_checkpoint_is_in_nobodys_way) {
  fill();
  auto image = killed();
  image.files[unfinished_checkpoint_path] = "half";
  start_with(image);
  BOOST_REQUIRE(reopen());
  BOOST_TEST(report.from_checkpoint == 6U);
  BOOST_TEST(!history->now().files.contains(unfinished_checkpoint_path));
}

BOOST_AUTO_TEST_CASE(f05_damage_in_what_a_start_did_not_read_ends_its_message_when_it_is_read) {
  fill();
  spool.reset();
  auto image = history->now();
  auto& octets = image.files.at("log/0000000000000001.seg");
  const auto at = octets.find("Subject: " + accepted[1].text());
  octets[at + 20] = static_cast<char>(octets[at + 20] ^ 1);
  start_with(image);
  BOOST_TEST((spool->ids() == accepted));

  BOOST_TEST((spool->content(accepted[1]).error().code == std::errc::illegal_byte_sequence));

  auto rest = accepted;
  rest.erase(rest.begin() + 1);
  BOOST_TEST((spool->ids() == rest));
  BOOST_TEST(files_in("corrupt") == 1U);
  for (const bool with_checkpoint : {true, false}) {
    spool.reset();
    start_with(with_checkpoint ? history->now() : without_checkpoint(history->now()));
    BOOST_TEST((spool->ids() == rest));
    BOOST_TEST(report.corrupt_records == 0U);
  }
}

BOOST_AUTO_TEST_CASE(f05_a_damaged_large_message_ends_when_it_is_read_and_its_file_is_kept) {
  fill();
  spool.reset();
  auto image = history->now();
  auto& octets = image.files.at(content_path(accepted[3]));
  octets[4000] = static_cast<char>(octets[4000] ^ 1);
  const auto damaged = octets;
  start_with(image);

  BOOST_TEST((spool->content(accepted[3]).error().code == std::errc::illegal_byte_sequence));

  BOOST_TEST(std::ranges::count(spool->ids(), accepted[3]) == 0);
  BOOST_TEST((history->now().files.at("corrupt/" + accepted[3].text()) == damaged));
  BOOST_REQUIRE(reopen());
  BOOST_TEST(spool->ids().size() == 5U);
  BOOST_TEST(history->now().files.contains("corrupt/" + accepted[3].text()));
}

BOOST_AUTO_TEST_CASE(f05_damage_that_cannot_be_set_aside_costs_nothing_yet) {
  fill();
  spool.reset();
  auto image = history->now();
  auto& octets = image.files.at("log/0000000000000001.seg");
  const auto at = octets.find("Subject: " + accepted[1].text());
  octets[at + 20] = static_cast<char>(octets[at + 20] ^ 1);
  start_with(image);
  history->inject({Kind::create, "corrupt/", ENOSPC});

  BOOST_TEST(!spool->content(accepted[1]));
  BOOST_TEST((spool->ids() == accepted));
  BOOST_TEST(!spool->content(accepted[1]));
  BOOST_TEST(std::ranges::count(spool->ids(), accepted[1]) == 0);
}

BOOST_AUTO_TEST_CASE(f05_collection_ends_what_is_damaged_and_gives_its_segment_back) {
  fill();
  spool.reset();
  auto image = history->now();
  auto& octets = image.files.at("log/0000000000000001.seg");
  const auto at = octets.find("Subject: " + accepted[1].text());
  octets[at + 20] = static_cast<char>(octets[at + 20] ^ 1);
  start_with(image);

  for (int i = 0; i < 300; ++i) {
    const auto id = accept(2000);
    BOOST_REQUIRE(id);
    spool->progress(delivered(*id));
  }
  settle();

  BOOST_TEST(!history->now().files.contains("log/0000000000000001.seg"));
  BOOST_TEST(std::ranges::count(spool->ids(), accepted[1]) == 0);
  BOOST_TEST(std::ranges::count(spool->ids(), accepted[2]) == 1);
  BOOST_TEST(files_in("corrupt") == 1U);
}

BOOST_AUTO_TEST_CASE(f05_a_message_whose_segment_vanished_is_reported_and_others_are_served) {
  fill();
  BOOST_REQUIRE(reopen());
  const auto second = *accept();
  BOOST_REQUIRE(reopen());
  const auto third = *accept();
  spool.reset();
  auto image = history->now();
  BOOST_REQUIRE(image.files.erase("log/0000000000000002.seg") == 1U);

  start_with(image);

  BOOST_TEST(report.corrupt_records == 1U);
  BOOST_TEST(std::ranges::count(spool->ids(), second) == 0);
  BOOST_TEST(std::ranges::count(spool->ids(), third) == 1);
}

BOOST_AUTO_TEST_CASE(while_a_segment_cannot_be_read_no_checkpoint_hides_it) {
  fill();
  spool.reset();
  const auto image = without_checkpoint(history->now());
  history = std::make_shared<DiskHistory>(image);
  history->fail_reads("log/0000000000000001.seg");
  BOOST_REQUIRE(open());
  const auto later = *accept();
  spool.reset();
  BOOST_TEST(!has_checkpoint());
  history->fail_reads("");

  BOOST_REQUIRE(reopen());

  accepted.push_back(later);
  BOOST_TEST((spool->ids() == accepted));
}

BOOST_AUTO_TEST_CASE(f03_what_a_kill_left_unsynced_is_no_damage_after_a_power_cut) {
  fill();
  const auto image = without_checkpoint(killed());
  // The same files, but nothing in the newest segment is on stable storage yet.
  history = std::make_shared<DiskHistory>();
  const auto disk = simulated_disk(history);
  for (const auto& directory : image.directories) BOOST_REQUIRE(disk->make_directory(directory));
  for (const auto& [path, octets] : image.files) {
    const auto file = *disk->create(path);
    const bool in_log = path.starts_with("log/");
    const auto synced = in_log ? first_record_offset : octets.size();
    const std::string_view safe[] = {std::string_view(octets).substr(0, synced)};
    const std::string_view rest[] = {std::string_view(octets).substr(synced)};
    BOOST_REQUIRE((file->write(0, safe) && file->sync() && file->write(synced, rest)));
  }
  for (const auto* directory : {".", "log", "content"})
    BOOST_REQUIRE(disk->sync_directory(directory));
  BOOST_REQUIRE(open());
  const auto later = *accept();

  start_with(without_checkpoint(history->crash(history->size(), Loss::everything())));

  BOOST_TEST(report.corrupt_records == 0U);
  accepted.push_back(later);
  BOOST_TEST((spool->ids() == accepted));
}

BOOST_AUTO_TEST_CASE(
    f03_a_message_that_ends_during_a_checkpoint_is_not_over_before_the_log_says_so) {
  BOOST_REQUIRE(open());
  const auto large = *accept(10000);
  const auto stays = *accept();  // keeps their segment
  spool.reset();
  history = std::make_shared<DiskHistory>(history->now());
  settings.checkpoint_growth = 1;
  BOOST_REQUIRE(open());
  history->hold_syncs("checkpoint");
  BOOST_REQUIRE(accept());
  history->wait_for_held_sync();  // the walk over the index has not begun
  const auto before = history->size();
  spool->progress(delivered(large));
  history->hold_syncs("log/");
  const auto walked = [&] {
    const auto operations = history->operations();
    return std::any_of(
        operations.begin() + static_cast<std::ptrdiff_t>(before), operations.end(),
        [](const auto& o) { return o.kind == Kind::write && o.to.starts_with("POSTIDX"); });
  };
  while (!walked()) std::this_thread::yield();
  for (int i = 0; i < 1000; ++i)
    std::this_thread::yield();  // were it put in place now, it would be
  history->hold_syncs("");
  spool.reset();

  for (auto at = before; at <= history->size(); ++at) {
    for (const auto& loss : {Loss::nothing(), Loss::everything(), Loss::random(at)}) {
      SpoolFixture after;
      after.history = std::make_shared<DiskHistory>(history->crash(at, loss));
      BOOST_REQUIRE(after.open());
      const auto alive = after.spool->ids();
      after.spool.reset();
      after.history = std::make_shared<DiskHistory>(without_checkpoint(after.history->now()));
      BOOST_REQUIRE(after.open());
      BOOST_REQUIRE(after.report.corrupt_records == 0U);
      BOOST_REQUIRE((after.spool->ids() == alive));
      BOOST_REQUIRE(std::ranges::count(alive, stays) == 1);
    }
  }
}

BOOST_AUTO_TEST_CASE(f03_a_checkpoint_is_of_a_log_that_is_safe_as_far_as_it_says) {
  settings.checkpoint_growth = 1;
  BOOST_REQUIRE(open());
  const auto id = *accept();
  wait_for_checkpoint();
  const auto before = history->size();
  const auto two_checkpoints_more = [&] {
    const auto operations = history->operations();
    return std::count_if(operations.begin() + static_cast<std::ptrdiff_t>(before), operations.end(),
                         [](const auto& operation) { return operation.kind == Kind::rename; }) >= 2;
  };
  // Nobody waits for these, and so nothing but the checkpoint has them synced.
  for (std::uint32_t i = 1; !two_checkpoints_more(); ++i) {
    const auto written = history->now().files.at(newest_segment()).size();
    spool->progress(deferred(id, i, "450 " + std::to_string(i)));
    while (history->now().files.at(newest_segment()).size() == written) std::this_thread::yield();
  }
  const auto end = history->size();
  for (auto at = before; at <= end; ++at) {
    for (std::uint64_t seed = 0; seed < 10; ++seed) {
      SpoolFixture after;
      after.ids.not_before(id);
      after.history =
          std::make_shared<DiskHistory>(history->crash(at, Loss::random(at * 100 + seed)));
      BOOST_REQUIRE(after.open());
      BOOST_REQUIRE(after.report.corrupt_records == 0U);
      BOOST_REQUIRE(after.accept());
      after.spool.reset();
      after.history = std::make_shared<DiskHistory>(without_checkpoint(after.history->now()));
      BOOST_REQUIRE(after.open());
      BOOST_REQUIRE(after.report.corrupt_records == 0U);
      BOOST_REQUIRE(std::ranges::count(after.spool->ids(), id) == 1);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
