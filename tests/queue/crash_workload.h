// crash_workload.h — mail that comes, is tried and goes, with a record of what the world was told;
// and what a spool must know after a power cut in the middle of it.
#pragma once

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "gateway/base/bytes.h"
#include "gateway/base/metrics.h"
#include "tests/queue/spool_fixture.h"

namespace postern::crash {

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

/// How much of what a workload does: chances in ten.
struct Mix {
  unsigned large = 2;  // of the messages
  unsigned ends = 3;   // after a message, that one ends
  unsigned defers = 2;
  std::uint64_t checkpoint_growth = 512ULL << 20;
  bool waits_for_checkpoint = false;  // once, after a few rounds
};

struct Workload : SpoolFixture {
  Mix mix;
  std::map<MessageId, Sent> sent;
  std::vector<MessageId> living;
  std::mt19937_64 random;

  Workload(const Mix& of, std::uint64_t seed) : mix(of), random(seed) {
    settings.segment_size = 12 << 10;
    settings.large_message = 3000;
    settings.checkpoint_growth = mix.checkpoint_growth;
  }
  bool chance(unsigned of_ten) { return random() % 10 < of_ten; }

  void hand_over(Answers& answers) {
    const auto message = envelope(1 + random() % 3);
    const auto id = message->id;
    const auto octets = content(id, chance(mix.large) ? 3001 + random() % 3000 : random() % 2500);
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
    progress.route = "smtp:[" + std::to_string(attempts) + "]";
    if (sent[id].envelope->recipients.size() > 1)
      progress.changes = {{1, RecipientState::delivered}};
    if (random() % 2 == 0) return spool->progress(progress);
    spool->progress(progress, answers.one([this, id, attempts](const Result<>& result) {
      if (result) history->mark("deferred " + std::to_string(attempts), id.value);
    }));
  }
  void run(int rounds) {
    const auto& checkpoints = counter("postern_spool_checkpoints_total", "");
    const auto checkpoints_before = checkpoints.value();
    BOOST_REQUIRE(open());
    for (int round = 0; round < rounds; ++round) {
      Answers accepted;
      for (std::uint64_t i = 0, count = 1 + random() % 4; i < count; ++i) hand_over(accepted);
      accepted.wait();
      Answers rest;
      for (std::uint64_t i = 0; i < 4 && !living.empty(); ++i) {
        if (chance(mix.ends)) {
          end(rest);
        } else if (chance(mix.defers)) {
          defer(rest);
        }
      }
      if (random() % 2 == 0) rest.wait();
      Answers more;
      hand_over(more);
      more.wait();
      rest.wait();
      while (mix.waits_for_checkpoint && round == 4 && checkpoints.value() == checkpoints_before)
        std::this_thread::yield();
    }
    spool.reset();
  }
};

/// What was said before a message was handed over stands before it in the log, and is safe with it.
inline void note_handed_over(std::map<MessageId, Known>& known, MessageId id) {
  auto& safe = known[id].safe_with_it;
  for (const auto& [other, state] : known) {
    safe.push_back({other, state.ending, state.attempts_said});
  }
}

inline void note_acknowledged(std::map<MessageId, Known>& known, MessageId id) {
  known[id].acknowledged = true;
  for (const auto& said : known[id].safe_with_it) {
    auto& now = known[said.id];
    now.ended = now.ended || said.ending;
    now.attempts_acknowledged = std::max(now.attempts_acknowledged, said.attempts);
  }
  known[id].safe_with_it.clear();
}

inline std::map<MessageId, Known> known_at(const std::vector<DiskHistory::Operation>& operations,
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

/// What an attempt recorded is there as a whole.
inline void check_progress(const Envelope& now, const Known& promised, const std::string& state) {
  const auto attempts = now.attempts;
  BOOST_REQUIRE_MESSAGE(
      attempts >= promised.attempts_acknowledged && attempts <= promised.attempts_said,
      state << ": " << now.id.text() << " has forgotten an attempt that was recorded");
  const auto number = std::to_string(attempts);
  const bool tried = attempts > 0;
  BOOST_REQUIRE(now.last_reply == (tried ? "450 attempt " + number : ""));
  BOOST_REQUIRE(now.route == (tried ? "smtp:[" + number + "]" : ""));
  if (now.recipients.size() > 1) BOOST_REQUIRE(now.recipients[1].open() == !tried);
}

struct Checked {
  std::shared_ptr<DiskHistory> history;
  bool used_checkpoint = false;
};

/// Starts a spool on what the crash left and holds it against what was promised. Returns the
/// history of that start.
inline Checked check(const Workload& workload, DiskImage image,
                     const std::map<MessageId, Known>& known, const std::string& state) {
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
    check_progress(*envelope, promised->second, state);
  }
  const Checked out{after.history, after.report.from_checkpoint > 0};
  after.spool.reset();
  return out;
}

}  // namespace postern::crash
