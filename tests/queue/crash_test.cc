// Power cuts on the simulated disk: a workload is run once, then the power fails after each of its
// operations, with many choices of what was lost, and the spool is started on what is left.
#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cerrno>
#include <map>
#include <random>
#include <thread>

#include "gateway/base/bytes.h"
#include "gateway/base/metrics.h"
#include "tests/queue/spool_fixture.h"

using namespace postern;

namespace {

struct Sent {
  std::shared_ptr<const Envelope> envelope;
  Content content;
};

/// What was said of a message, acknowledged or not.
struct Said {
  MessageId id;
  bool ending = false;
  std::uint64_t attempts = 0;
};

/// What the world knew when the power failed.
struct Known {
  bool acknowledged = false;
  bool ending = false;  // somebody said that it is over
  bool ended = false;   // and was told that this is on disk
  std::uint64_t attempts_acknowledged = 0;
  std::uint64_t attempts_said = 0;
  std::vector<Said> safe_with_it;
};

struct Workload : SpoolFixture {
  std::map<MessageId, Sent> sent;
  std::vector<MessageId> living;
  std::mt19937_64 random;

  explicit Workload(std::uint64_t seed) : random(seed) {
    settings.segment_size = 12 << 10;
    settings.large_message = 3000;
  }

  void hand_over(Answers& answers) {
    const auto message = envelope(1 + random() % 3);
    const auto id = message->id;
    const auto octets = content(id, random() % 6 == 0 ? 3001 + random() % 3000 : random() % 2500);
    sent[id] = {message, octets};
    living.push_back(id);
    history->mark("handed over", id.value);
    spool->accept(message, octets, answers.one([this, id](const Result<>& result) {
      if (result) history->mark("acknowledged", id.value);
    }));
  }
  MessageId pick(bool take) {
    // Mostly the young, so that some grow old and are collected.
    const auto back = std::min<std::size_t>(living.size(), 1 + random() % 6);
    const auto at = living.end() - static_cast<std::ptrdiff_t>(back);
    const auto id = *at;
    if (take) living.erase(at);
    return id;
  }
  void end(Answers& answers) {
    const auto id = pick(true);
    Progress progress;
    progress.id = id;
    for (std::uint32_t i = 0; i < sent[id].envelope->recipients.size(); ++i) {
      progress.changes.push_back({i, RecipientState::delivered});
    }
    history->mark("ending", id.value);
    if (random() % 2 == 0) return spool->progress(progress);
    spool->progress(progress, answers.one([this, id](const Result<>& result) {
      if (result) history->mark("ended", id.value);
    }));
  }
  void defer(Answers& answers) {
    const auto id = pick(false);
    const auto attempts = static_cast<std::uint32_t>(history->size());
    history->mark("deferring " + std::to_string(attempts), id.value);
    auto progress = deferred(id, attempts, "450 attempt " + std::to_string(attempts));
    if (random() % 2 == 0) return spool->progress(progress);
    spool->progress(progress, answers.one([this, id, attempts](const Result<>& result) {
      if (result) history->mark("deferred " + std::to_string(attempts), id.value);
    }));
  }
  void run(int rounds) {
    BOOST_REQUIRE(open());
    for (int round = 0; round < rounds; ++round) {
      Answers accepted;
      for (std::uint64_t i = 0, count = 1 + random() % 4; i < count; ++i) hand_over(accepted);
      accepted.wait();
      Answers rest;
      for (std::uint64_t i = 0, count = random() % 5; i < count && !living.empty(); ++i) {
        random() % 3 == 0 ? defer(rest) : end(rest);
      }
      if (random() % 2 == 0) rest.wait();
      Answers more;
      hand_over(more);
      more.wait();
      rest.wait();
    }
    spool.reset();
  }
};

/// What was said before a message was handed over stands before it in the log, and is safe with it.
void note_handed_over(std::map<MessageId, Known>& known, MessageId id) {
  auto& safe = known[id].safe_with_it;
  for (const auto& [other, state] : known) {
    safe.push_back({other, state.ending, state.attempts_said});
  }
}

void note_acknowledged(std::map<MessageId, Known>& known, MessageId id) {
  known[id].acknowledged = true;
  for (const auto& said : known[id].safe_with_it) {
    auto& now = known[said.id];
    now.ended = now.ended || said.ending;
    now.attempts_acknowledged = std::max(now.attempts_acknowledged, said.attempts);
  }
  known[id].safe_with_it.clear();
}

std::map<MessageId, Known> known_at(const std::vector<DiskHistory::Operation>& operations,
                                    std::size_t end) {
  std::map<MessageId, Known> out;
  for (std::size_t i = 0; i < end; ++i) {
    const auto& operation = operations[i];
    if (operation.kind != DiskHistory::Kind::mark) continue;
    const MessageId id{operation.number};
    auto& known = out[id];
    const auto what = split(operation.path, ' ');
    const auto attempts = parse_number(what.back()).value_or(0);
    if (operation.path == "handed over") note_handed_over(out, id);
    if (what[0] == "acknowledged") note_acknowledged(out, id);
    if (what[0] == "ending") known.ending = true;
    if (what[0] == "ended") known.ended = true;
    if (what[0] == "deferring") known.attempts_said = std::max(known.attempts_said, attempts);
    if (what[0] == "deferred")
      known.attempts_acknowledged = std::max(known.attempts_acknowledged, attempts);
  }
  return out;
}

/// Starts a spool on what the crash left and holds it against what was promised. Returns the
/// history of that start.
std::shared_ptr<DiskHistory> check(const Workload& workload, DiskImage image,
                                   const std::map<MessageId, Known>& known,
                                   const std::string& state) {
  SpoolFixture after;
  after.settings = workload.settings;
  after.history = std::make_shared<DiskHistory>(std::move(image));
  const auto opened = after.open();
  BOOST_REQUIRE_MESSAGE(opened.has_value(), state << ": does not start");
  BOOST_REQUIRE_MESSAGE(after.report.corrupt_records == 0, state << ": takes a crash for damage");
  std::map<MessageId, const Envelope*> present;
  for (const auto& envelope : after.found) present[envelope.id] = &envelope;

  for (const auto& [id, promised] : known) {
    const bool is_there = present.contains(id);
    const bool must = promised.acknowledged && !promised.ending;
    BOOST_REQUIRE_MESSAGE(is_there || !must, state << ": " << id.text() << " is lost");
    BOOST_REQUIRE_MESSAGE(!is_there || !promised.ended, state << ": " << id.text() << " came back");
  }
  for (const auto& [id, envelope] : present) {
    const auto promised = known.find(id);
    BOOST_REQUIRE_MESSAGE(promised != known.end(), state << ": " << id.text() << " was invented");
    const auto& sent = workload.sent.at(id);
    const auto octets = after.spool->content(id);
    BOOST_REQUIRE_MESSAGE(octets && **octets == *sent.content,
                          state << ": " << id.text() << " is not what was sent");
    BOOST_REQUIRE(envelope->sender == sent.envelope->sender);
    BOOST_REQUIRE(envelope->recipients.size() == sent.envelope->recipients.size());
    BOOST_REQUIRE_MESSAGE(
        envelope->attempts >= promised->second.attempts_acknowledged &&
            envelope->attempts <= promised->second.attempts_said,
        state << ": " << id.text() << " has forgotten an attempt that was recorded");
  }
  auto history = after.history;
  after.spool.reset();
  return history;
}

void crash_everywhere(std::uint64_t seed, int rounds, std::uint64_t choices) {
  Workload workload(seed);
  workload.run(rounds);
  const auto operations = workload.history->operations();
  std::size_t states = 0;
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
      ++states;
      if (choice != 2) continue;
      // And once more, while recovery itself was at work.
      std::mt19937_64 random(end);
      const auto again = random() % (recovery->size() + 1);
      check(workload, recovery->crash(again, Loss::random(random())), known,
            state + ", again at " + std::to_string(again));
      ++states;
    }
  }
  BOOST_TEST_MESSAGE("seed " << seed << ": " << operations.size() << " operations, " << states
                             << " crash states");
}

}  // namespace

BOOST_AUTO_TEST_SUITE(crash)

BOOST_AUTO_TEST_CASE(f03_no_power_cut_loses_what_was_acknowledged_or_brings_back_what_was_over) {
  const auto& collected = counter("postern_spool_collected_octets_total", "");
  const auto& removed = counter("postern_spool_segments_removed_total", "");
  const auto before = std::pair(collected.value(), removed.value());

  for (std::uint64_t seed = 1; seed <= 3; ++seed) crash_everywhere(seed, 36, 3);

  // Otherwise the cuts have missed what is hardest.
  BOOST_TEST(collected.value() > before.first);
  BOOST_TEST(removed.value() > before.second);
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
