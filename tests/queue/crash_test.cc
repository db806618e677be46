// Power cuts on the simulated disk: a workload is run once, then the power fails after each of its
// operations, with many choices of what was lost, and the spool is started on what is left.
#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cerrno>
#include <random>
#include <thread>

#include <fmt/core.h>

#include "gateway/base/metrics.h"
#include "tests/queue/crash_workload.h"

using namespace postern;
using namespace postern::crash;

namespace {

struct States {
  std::size_t all = 0;
  std::size_t with_checkpoint = 0;

  void add(const Checked& checked) {
    ++all;
    with_checkpoint += checked.used_checkpoint;
  }
  void print(const char* what) const {
    fmt::print("crash states: {}, invariant kept in all ({})\n", all, what);
  }
};

States crash_everywhere(const Mix& mix, std::uint64_t seed, int rounds, std::uint64_t choices) {
  Workload workload(mix, seed);
  workload.run(rounds);
  const auto operations = workload.history->operations();
  States out;
  for (std::size_t end = 0; end <= operations.size(); ++end) {
    // The power fails between two operations on the disk; what was said to the world in between
    // is known at the later one.
    if (end < operations.size() && operations[end].kind == DiskHistory::Kind::mark) continue;
    const auto known = known_at(operations, end);
    for (std::uint64_t choice = 0; choice < choices + 2; ++choice) {
      const auto loss = choice == 0   ? Loss::nothing()
                        : choice == 1 ? Loss::everything()
                                      : Loss::random(seed * 1000003 + end * 101 + choice);
      const auto state = "seed " + std::to_string(seed) + ", operation " + std::to_string(end) +
                         ", choice " + std::to_string(choice);
      const auto recovery = check(workload, workload.history->crash(end, loss), known, state);
      out.add(recovery);
      // The whole log must agree with the checkpoint, when that is lost later.
      if (recovery.used_checkpoint)
        out.add(check(workload, without_checkpoint(recovery.history->now()), known,
                      state + ", checkpoint lost"));
      if (choice != 2) continue;
      // And once more, while recovery itself was at work.
      std::mt19937_64 random(end);
      const auto again = random() % (recovery.history->size() + 1);
      out.add(check(workload, recovery.history->crash(again, Loss::random(random())), known,
                    state + ", again at " + std::to_string(again)));
    }
  }
  return out;
}

std::uint64_t counted(const char* name) { return counter(name, "").value(); }

}  // namespace

BOOST_AUTO_TEST_SUITE(crash)

BOOST_AUTO_TEST_CASE(f03_no_power_cut_while_mail_is_accepted_loses_what_was_acknowledged) {
  crash_everywhere({.large = 0, .ends = 0, .defers = 0}, 1, 14, 4).print("accept");
}

BOOST_AUTO_TEST_CASE(f03_no_power_cut_while_large_messages_are_accepted_or_end_loses_one) {
  crash_everywhere({.large = 8, .ends = 2, .defers = 0}, 2, 12, 4).print("large message");
}

BOOST_AUTO_TEST_CASE(f03_no_power_cut_forgets_an_attempt_that_was_recorded) {
  crash_everywhere({.large = 0, .ends = 0, .defers = 8}, 3, 12, 4).print("progress");
}

BOOST_AUTO_TEST_CASE(f03_no_power_cut_brings_back_what_was_over) {
  crash_everywhere({.large = 0, .ends = 7, .defers = 0}, 4, 14, 4).print("done");
}

BOOST_AUTO_TEST_CASE(f03_no_power_cut_during_collection_loses_a_message_or_brings_one_back) {
  const auto copied = counted("postern_spool_collected_octets_total");
  const auto removed = counted("postern_spool_segments_removed_total");

  crash_everywhere({.large = 0, .ends = 6, .defers = 4}, 5, 24, 3).print("collect");

  // Otherwise the cuts have missed what is hardest.
  BOOST_TEST(counted("postern_spool_collected_octets_total") > copied);
  BOOST_TEST(counted("postern_spool_segments_removed_total") > removed);
}

BOOST_AUTO_TEST_CASE(f03_no_power_cut_during_a_checkpoint_or_after_it_changes_what_is_known) {
  const auto written = counted("postern_spool_checkpoints_total");

  const auto states = crash_everywhere(
      {.large = 1, .ends = 4, .defers = 4, .checkpoint_growth = 6000, .waits_for_checkpoint = true},
      6, 16, 3);

  states.print("checkpoint");
  BOOST_TEST(counted("postern_spool_checkpoints_total") > written + 1);
  BOOST_TEST(states.with_checkpoint > states.all / 3);
}

BOOST_AUTO_TEST_CASE(f03_no_power_cut_loses_what_was_acknowledged_or_brings_back_what_was_over) {
  crash_everywhere({.checkpoint_growth = 20000}, 7, 30, 3).print("all at once");
}

namespace {

/// Until what nobody waits for was written, which takes up to a second.
void wait_for_write(const DiskHistory& history, std::size_t before) {
  const auto written = [&] {
    const auto operations = history.operations();
    return std::any_of(
        operations.begin() + static_cast<std::ptrdiff_t>(before), operations.end(),
        [](const auto& operation) { return operation.kind == DiskHistory::Kind::write; });
  };
  while (!written()) std::this_thread::yield();
}

}  // namespace

BOOST_FIXTURE_TEST_CASE(
    f03_progress_without_a_sync_of_its_own_is_safe_once_the_next_segment_is_begun, SpoolFixture) {
  BOOST_REQUIRE(open());
  const auto over = *accept(100);
  BOOST_REQUIRE(accept(3500));
  BOOST_REQUIRE(accept(3500));
  BOOST_REQUIRE(accept(3500));
  const auto before = history->size();
  spool->progress(delivered(over));
  wait_for_write(*history, before);

  BOOST_REQUIRE(accept(4000));
  BOOST_REQUIRE(accept(4000));

  BOOST_TEST(files_in("log") == 2U);
  BOOST_REQUIRE(reopen_after_power_cut());
  BOOST_TEST(std::ranges::count(spool->ids(), over) == 0);
}

BOOST_FIXTURE_TEST_CASE(f11_progress_whose_segment_is_given_up_is_written_again, SpoolFixture) {
  BOOST_REQUIRE(open());
  const auto stays = *accept();  // or the segment would be deleted, and the message with it
  const auto over = *accept();
  const auto before = history->size();
  spool->progress(delivered(over));
  wait_for_write(*history, before);
  history->inject({DiskHistory::Kind::sync, "log/", EIO});

  BOOST_REQUIRE(!accept());
  const auto after = *accept();

  BOOST_REQUIRE(reopen_after_power_cut());
  BOOST_TEST((spool->ids() == std::vector{stays, after}));
}

BOOST_FIXTURE_TEST_CASE(f11_progress_keeps_its_order_when_its_segment_is_given_up, SpoolFixture) {
  BOOST_REQUIRE(open());
  const auto id = *accept(3500);
  for (int i = 0; i < 3; ++i) BOOST_REQUIRE(accept(3500));
  const auto before = history->size();
  auto hold = deferred(id, 1, "older");
  hold.hold = Progress::Hold::set;
  spool->progress(hold);
  wait_for_write(*history, before);
  history->inject({DiskHistory::Kind::sync, "log/", EIO});

  // The next message begins a new segment; the old one's last sync fails.
  auto release = deferred(id, 2, "newer");
  release.hold = Progress::Hold::clear;
  spool->progress(release);
  BOOST_REQUIRE(accept(3500));

  BOOST_TEST(files_in("log") == 2U);
  BOOST_REQUIRE(reopen());
  BOOST_TEST(spool->envelope(id)->hold == "");
  BOOST_TEST(spool->envelope(id)->last_reply == "newer");
}

BOOST_FIXTURE_TEST_CASE(f03_a_content_file_goes_only_when_the_end_of_its_message_is_safe,
                        SpoolFixture) {
  BOOST_REQUIRE(open());
  const auto large = *accept(10000);
  const auto before = history->size();
  spool->progress(delivered(large));
  while (files_in("content") > 0) std::this_thread::yield();

  for (auto end = before; end <= history->size(); ++end) {
    for (const auto& loss :
         {Loss::everything(), Loss::nothing(), Loss::random(1), Loss::random(2)}) {
      SpoolFixture after;
      after.history = std::make_shared<DiskHistory>(history->crash(end, loss));
      BOOST_REQUIRE(after.open());
      BOOST_TEST(after.report.corrupt_records == 0U);
    }
  }
}

BOOST_AUTO_TEST_CASE(f02_the_simulated_disk_does_lose_what_was_not_synced) {
  // Guards the guard: if crash() lost nothing, the test above could not fail.
  const auto history = std::make_shared<DiskHistory>();
  const auto disk = simulated_disk(history);
  BOOST_REQUIRE(disk->make_directory("d"));
  BOOST_REQUIRE(disk->sync_directory("."));
  const auto file = disk->create("d/f");
  const std::string octets(2000, 'x');
  const std::string_view pieces[] = {octets};
  BOOST_REQUIRE((*file)->write(0, pieces));

  const auto files = [&](Loss loss) { return history->crash(history->size(), loss).files; };
  BOOST_TEST(files(Loss::everything()).empty());
  BOOST_REQUIRE((*file)->sync());
  BOOST_TEST(files(Loss::everything()).empty());  // the octets are safe, the name is not
  BOOST_REQUIRE(disk->sync_directory("d"));
  BOOST_TEST(files(Loss::everything()).at("d/f") == octets);
  BOOST_REQUIRE((*file)->write(2000, pieces));
  BOOST_TEST(files(Loss::everything()).at("d/f") == octets);
  bool torn = false;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const auto found = files(Loss::random(seed)).at("d/f");
    BOOST_TEST(found.substr(0, 2000) == octets);
    torn = torn || (found.size() > 2000 && found.find('\0') != std::string::npos);
  }
  BOOST_TEST(torn);
}

BOOST_AUTO_TEST_SUITE_END()
