#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <fstream>
#include <span>
#include <sstream>
#include <thread>

#include <fmt/core.h>

#include "gateway/queue/backup.h"
#include "gateway/queue/content_files.h"
#include "gateway/queue/manifest.h"
#include "gateway/queue/record.h"
#include "tests/queue/spool_fixture.h"

using namespace postern;
using Kind = DiskHistory::Kind;

namespace {

constexpr std::uint64_t choices = 20;

Loss loss_of(std::size_t end, std::uint64_t choice) {
  if (choice == 0) return Loss::nothing();
  return choice == 1 ? Loss::everything() : Loss::random(end * choices + choice);
}

struct BackupFixture : SpoolFixture {
  std::shared_ptr<DiskHistory> target = std::make_shared<DiskHistory>();
  std::vector<MessageId> accepted;

  /// Small and large messages, some delivered in part, one over, in several segments.
  void fill() {
    BOOST_REQUIRE(open());
    for (int i = 0; i < 20; ++i) {
      accepted.push_back(*accept(i % 4 == 0 ? 6000 : 2000, 2));
      auto change = deferred(accepted.back(), static_cast<std::uint32_t>(i), "450 later");
      if (i % 3 == 0) change.changes = {{0, RecipientState::delivered}};
      BOOST_REQUIRE(record(change));
    }
    BOOST_REQUIRE(remove(accepted[7]));
    accepted.erase(accepted.begin() + 7);
    BOOST_REQUIRE(files_in("log") > 2U);
  }
  Result<BackupReport> back_up() {
    const auto disk = simulated_disk(target);
    return spool->backup(*disk);
  }
  static Result<RestoreReport> bring_back(const DiskImage& backup,
                                          const std::shared_ptr<DiskHistory>& to) {
    const auto from = simulated_disk(std::make_shared<DiskHistory>(backup));
    const auto disk = simulated_disk(to);
    return restore(*from, *disk);
  }
  /// The restored spool has exactly these messages, whole.
  void check_restored(const DiskImage& backup) {
    const auto to = std::make_shared<DiskHistory>();
    const auto restored = bring_back(backup, to);
    BOOST_REQUIRE_MESSAGE(restored, (restored ? "" : restored.error().what));
    BOOST_TEST(restored->damaged == 0U);
    SpoolFixture other;
    other.settings = settings;
    other.history = to;
    BOOST_REQUIRE(other.open());
    BOOST_TEST((other.spool->ids() == accepted));
    BOOST_TEST(other.report.corrupt_records == 0U);
    BOOST_TEST(other.report.torn_octets == 0U);
    for (const auto& envelope : other.found) {
      const auto octets = other.spool->content(envelope.id);
      BOOST_REQUIRE(octets);
      BOOST_TEST(**octets == *content(envelope.id, envelope.content_size));
      BOOST_TEST(envelope.last_reply == "450 later");
    }
    BOOST_TEST(other.accept().has_value());
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(backups, BackupFixture)

BOOST_AUTO_TEST_CASE(a_backup_brings_back_every_message_byte_for_byte) {
  fill();

  const auto report = back_up();

  BOOST_REQUIRE(report);
  BOOST_TEST(report->messages == 19U);
  BOOST_TEST(report->records == 41U);
  BOOST_TEST(report->damaged == 0U);
  check_restored(target->now());
}

BOOST_AUTO_TEST_CASE(a_backup_that_was_told_to_be_done_survives_a_power_cut) {
  fill();
  BOOST_REQUIRE(back_up());
  check_restored(target->crash(target->size(), Loss::everything()));
}

BOOST_AUTO_TEST_CASE(a_backup_can_be_served_as_it_is) {
  fill();
  BOOST_REQUIRE(back_up());
  SpoolFixture other;
  other.history = std::make_shared<DiskHistory>(target->now());
  BOOST_REQUIRE(other.open());
  BOOST_TEST((other.spool->ids() == accepted));
}

BOOST_AUTO_TEST_CASE(what_was_over_before_is_not_in_the_backup_and_what_comes_later_neither) {
  fill();
  BOOST_REQUIRE(back_up());
  BOOST_REQUIRE(accept());
  BOOST_REQUIRE(remove(accepted.front()));
  check_restored(target->now());
}

BOOST_AUTO_TEST_CASE(mail_comes_and_goes_during_a_backup_and_it_shows_one_moment) {
  BOOST_REQUIRE(open());
  std::atomic<bool> stop = false;
  std::vector<MessageId> order;
  std::atomic<std::size_t> said = 0;
  std::atomic<int> failed = 0;
  // At any moment one or two of them are alive, and these follow each other.
  order.reserve(100'000);
  order.push_back(*accept(6000));
  said = 1;
  std::jthread mail([&] {
    while (!stop && order.size() < 100'000) {
      order.push_back(*accept(order.size() % 5 == 0 ? 6000 : 1000));
      said = order.size();
      if (!record(delivered(order[order.size() - 2]))) ++failed;
    }
  });
  for (int round = 0; round < 10; ++round) {
    target = std::make_shared<DiskHistory>();
    const auto before = said.load();

    BOOST_REQUIRE(back_up());

    const auto after = said.load();
    while (said < after + 2) std::this_thread::yield();
    const auto to = std::make_shared<DiskHistory>();
    BOOST_REQUIRE(bring_back(target->now(), to));
    SpoolFixture other;
    other.history = to;
    BOOST_REQUIRE(other.open());
    BOOST_TEST(other.report.corrupt_records == 0U);
    const auto alive = other.spool->ids();
    BOOST_REQUIRE((alive.size() == 1U || alive.size() == 2U));
    const std::span known(order.data(), said);
    const auto first = std::ranges::find(known, alive.front());
    const auto place = static_cast<std::size_t>(first - known.begin());
    BOOST_REQUIRE(place < known.size());
    BOOST_TEST(place + 2 >= before);
    BOOST_TEST(place <= after + 1);
    if (alive.size() == 2) BOOST_TEST((order[place + 1] == alive[1]));
    for (const auto id : alive) {
      const auto size = other.spool->envelope(id)->content_size;
      BOOST_TEST(**other.spool->content(id) == *content(id, size));
    }
  }
  stop = true;
  BOOST_TEST(failed == 0);
}

BOOST_AUTO_TEST_CASE(nothing_is_deleted_during_a_backup_and_everything_that_may_be_afterwards) {
  fill();
  const auto large = accepted.front();
  target->mark("to be seen", 0);
  // The copy stops at its first file, until mail that wants collection has come and gone.
  struct SlowDisk final : Disk {
    std::unique_ptr<Disk> disk;
    std::function<void()> first;
    Result<std::unique_ptr<DiskFile>> create(const std::string& path) override {
      if (auto once = std::exchange(first, nullptr)) once();
      return disk->create(path);
    }
    Result<std::unique_ptr<DiskFile>> open(const std::string& path) override {
      return disk->open(path);
    }
    Result<std::vector<std::string>> list(const std::string& path) override {
      return disk->list(path);
    }
    Result<> make_directory(const std::string& path) override { return disk->make_directory(path); }
    Result<> rename(const std::string& from, const std::string& to) override {
      return disk->rename(from, to);
    }
    Result<> remove(const std::string& path) override { return disk->remove(path); }
    Result<> sync_directory(const std::string& path) override { return disk->sync_directory(path); }
    Result<std::uint64_t> free_space() override { return disk->free_space(); }
    Result<> lock(const std::string& path) override { return disk->lock(path); }
  } slow;
  slow.disk = simulated_disk(target);
  std::size_t segments = 0;
  slow.first = [&] {
    BOOST_REQUIRE(remove(large));
    for (int i = 0; i < 100; ++i) {
      const auto id = accept(2000);
      BOOST_REQUIRE(id);
      spool->progress(delivered(*id));
    }
    settle();
    segments = files_in("log");
    BOOST_TEST(history->now().files.contains(segment_path(1)));
    BOOST_TEST(history->now().files.contains(content_path(large)));
  };

  BOOST_REQUIRE(spool->backup(slow));

  check_restored(target->now());
  for (int i = 0; i < 100; ++i) {
    const auto id = accept(2000);
    BOOST_REQUIRE(id);
    spool->progress(delivered(*id));
  }
  settle();
  BOOST_TEST(files_in("log") < segments);
  BOOST_TEST(!history->now().files.contains(segment_path(1)));
  spool->close();
  BOOST_TEST(!history->now().files.contains(content_path(large)));
}

BOOST_AUTO_TEST_CASE(half_a_backup_is_refused_wherever_it_stopped) {
  fill();
  BOOST_REQUIRE(back_up());
  const auto whole = target->now();
  std::size_t states = 0;
  for (std::size_t end = 0; end <= target->size(); ++end) {
    for (std::uint64_t choice = 0; choice < choices; ++choice) {
      const auto left = target->crash(end, loss_of(end, choice));
      ++states;
      const auto to = std::make_shared<DiskHistory>();
      const auto restored = bring_back(left, to);
      if (restored) {
        // The manifest is there, and so must be everything.
        for (const auto& [path, octets] : whole.files)
          BOOST_REQUIRE((left.files.at(path) == octets));
        continue;
      }
      BOOST_REQUIRE(restored.error().what.find("backup") != std::string::npos);
      BOOST_REQUIRE(to->size() == 0U);
    }
  }
  fmt::print("crash states: {}, invariant kept in all (backup)\n", states);
}

BOOST_AUTO_TEST_CASE(a_restore_that_stopped_anywhere_is_whole_or_refused_by_the_gateway) {
  fill();
  BOOST_REQUIRE(back_up());
  const auto to = std::make_shared<DiskHistory>();
  BOOST_REQUIRE(bring_back(target->now(), to));
  std::size_t states = 0;
  std::size_t refused = 0;
  for (std::size_t end = 0; end <= to->size(); ++end) {
    for (std::uint64_t choice = 0; choice < choices; ++choice) {
      const auto left = to->crash(end, loss_of(end, choice));
      ++states;
      SpoolFixture other;
      other.settings = settings;
      other.history = std::make_shared<DiskHistory>(left);
      const auto opened = other.open();
      if (!opened) {
        ++refused;
        BOOST_REQUIRE(opened.error().what.find("restore") != std::string::npos);
        const auto again = bring_back(target->now(), std::make_shared<DiskHistory>(left));
        BOOST_REQUIRE((again.error().code == std::errc::directory_not_empty));
        continue;
      }
      const auto there = other.spool->ids();
      const bool nothing_yet = there.empty() && left.files.empty();
      BOOST_REQUIRE((nothing_yet || there == accepted));
    }
  }
  BOOST_TEST(refused > 20U);
  fmt::print("crash states: {}, invariant kept in all (restore)\n", states);
}

BOOST_AUTO_TEST_CASE(f05_any_damage_to_a_backup_is_refused_and_named_and_nothing_is_written) {
  fill();
  BOOST_REQUIRE(back_up());
  for (const auto& [path, octets] : target->now().files) {
    for (const std::size_t at : {std::size_t{0}, octets.size() / 2, octets.size() - 1}) {
      for (const int what : {0, 1, 2}) {
        auto damaged = target->now();
        auto& file = damaged.files.at(path);
        if (what == 0) file[at] = static_cast<char>(file[at] ^ 1);
        if (what == 1) file.resize(at);
        if (what == 2) damaged.files.erase(path);
        const auto to = std::make_shared<DiskHistory>();

        const auto restored = bring_back(damaged, to);

        BOOST_REQUIRE(!restored);
        BOOST_REQUIRE(restored.error().what.find(path) != std::string::npos ||
                      restored.error().what.find("manifest") != std::string::npos ||
                      restored.error().what.find("version") != std::string::npos);
        BOOST_REQUIRE(to->now().files.empty());
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(f05_what_was_damaged_before_is_copied_and_counted_and_the_rest_is_served) {
  fill();
  spool.reset();
  auto image = history->now();
  auto& octets = image.files.at(segment_path(1));
  const auto at = octets.find("Subject: " + accepted[1].text());
  octets[at + 20] = static_cast<char>(octets[at + 20] ^ 1);
  history = std::make_shared<DiskHistory>(image);
  BOOST_REQUIRE(open());

  const auto report = back_up();

  BOOST_REQUIRE(report);
  BOOST_TEST(report->damaged == 1U);
  const auto to = std::make_shared<DiskHistory>();
  const auto restored = bring_back(target->now(), to);
  BOOST_REQUIRE(restored);
  BOOST_TEST(restored->damaged == 1U);
  SpoolFixture other;
  other.history = to;
  BOOST_REQUIRE(other.open());
  BOOST_TEST(other.report.corrupt_records == 1U);
  BOOST_TEST(other.spool->ids().size() == accepted.size() - 1);
}

BOOST_AUTO_TEST_CASE(a_target_that_is_not_empty_is_refused_by_both_and_left_as_it_is) {
  fill();
  BOOST_REQUIRE(back_up());
  const auto backup = target->now();
  BOOST_TEST((back_up().error().code == std::errc::directory_not_empty));
  BOOST_TEST((target->now().files == backup.files));

  const auto mine = history->now();
  const auto to = std::make_shared<DiskHistory>(mine);
  BOOST_TEST((bring_back(backup, to).error().code == std::errc::directory_not_empty));
  BOOST_TEST((to->now().files == mine.files));
  BOOST_TEST((bring_back(backup, history).error().code == std::errc::device_or_resource_busy));
}

BOOST_AUTO_TEST_CASE(f10_a_full_target_fails_the_backup_and_the_spool_goes_on) {
  fill();
  target->set_capacity(20 << 10);
  BOOST_TEST((back_up().error().code == std::errc::no_space_on_device));
  BOOST_TEST(accept().has_value());
  target = std::make_shared<DiskHistory>();
  target->inject({Kind::sync, "log/", EIO, 1});
  BOOST_TEST((back_up().error().code == std::errc::io_error));
  BOOST_TEST(spool->healthy());
}

BOOST_AUTO_TEST_CASE(f91_a_backup_of_a_later_version_is_refused) {
  fill();
  BOOST_REQUIRE(back_up());
  auto later = target->now();
  later.files.at(manifest_path).replace(0, 16, "POSTERN BACKUP 2");
  const auto restored = bring_back(later, std::make_shared<DiskHistory>());
  BOOST_TEST((restored.error().code == std::errc::not_supported));
  BOOST_TEST(restored.error().what.find("version 2") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_manifest_is_read_as_it_was_written_and_names_nothing_outside_the_spool) {
  for (const auto* path : {"../etc/passwd", "log/../../x", "content/x/y", "lock", "checkpoint",
                           "content/..", "log/1.seg", "/etc/passwd"}) {
    Manifest manifest;
    manifest.files = {{path, 1, 2}};
    BOOST_TEST(!Manifest::parse(manifest.encode()), path);
  }
  Manifest twice;
  twice.files = {{segment_path(1), 1, 2}, {segment_path(1), 1, 2}};
  BOOST_TEST(!Manifest::parse(twice.encode()));
  std::ifstream page(POSTERN_SOURCE_DIR "/gateway/queue/FORMAT.md");
  std::stringstream text;
  text << page.rdbuf();
  const auto begin = text.str().find("POSTERN BACKUP");
  const auto example = text.str().substr(begin, text.str().find("```", begin) - begin);
  BOOST_TEST((Manifest::parse(example) && Manifest::parse(example)->encode() == example));
  Manifest good;
  good.taken = WallTime(std::chrono::seconds(5));
  good.messages = 3;
  good.files = {{segment_path(1), 1, 2}, {content_path({5}), 3, 0xffffffff}};
  const auto parsed = Manifest::parse(good.encode());
  BOOST_REQUIRE(parsed);
  BOOST_TEST((parsed->taken == good.taken && parsed->messages == 3U));
  BOOST_TEST(parsed->files[1].crc == 0xffffffffU);
}

BOOST_AUTO_TEST_CASE(a_closed_spool_is_not_backed_up) {
  fill();
  spool->close();
  BOOST_TEST((back_up().error().code == std::errc::operation_canceled));
}

BOOST_AUTO_TEST_SUITE_END()
