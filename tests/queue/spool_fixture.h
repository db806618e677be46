// spool_fixture.h — a spool on a simulated disk, a clock that tests move, and mail to put into it.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "gateway/queue/spool.h"
#include "tests/support/simulated_disk.h"

namespace postern {

class MovableClock final : public Clock {
 public:
  WallTime wall() const override { return WallTime(std::chrono::microseconds(wall_.load())); }
  SteadyTime steady() const override {
    return SteadyTime(std::chrono::nanoseconds(steady_.load()));
  }
  void set_wall(std::int64_t microseconds) { wall_ = microseconds; }
  void pass(std::chrono::seconds time) {
    steady_ += std::chrono::nanoseconds(time).count();
    wall_ += std::chrono::microseconds(time).count();
  }

 private:
  std::atomic<std::int64_t> wall_ = 1'700'000'000'000'000;
  std::atomic<std::int64_t> steady_ = 1'000'000'000;
};

/// Completions to wait for, and their results in order of arrival.
class Answers {
 public:
  Spool::Completion one() {
    const std::lock_guard lock(mutex_);
    ++expected_;
    return [this](Result<> result) {
      const std::lock_guard inner(mutex_);
      results_.push_back(std::move(result));
      changed_.notify_all();
    };
  }
  /// Runs `first` on the spool's thread, before the answer counts.
  Spool::Completion one(std::function<void(const Result<>&)> first) {
    return [first = std::move(first), then = one()](Result<> result) mutable {
      first(result);
      then(std::move(result));
    };
  }
  const std::vector<Result<>>& wait() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return results_.size() == expected_; });
    return results_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t expected_ = 0;
  std::vector<Result<>> results_;
};

inline DiskImage without_checkpoint(DiskImage image) {
  image.files.erase("checkpoint");
  return image;
}

struct SpoolFixture {
  std::shared_ptr<DiskHistory> history = std::make_shared<DiskHistory>();
  MovableClock clock;
  MessageIdSource ids{clock, 7};
  SpoolSettings settings{.segment_size = 24 << 10, .large_message = 4096, .queue_minfree = 0};
  RecoveryReport report;
  std::vector<MessageId> found_ids;  // in the order in which open() told them
  std::vector<Envelope> found;       // their envelopes
  std::unique_ptr<Spool> spool;

  Result<> open() {
    found_ids.clear();
    found.clear();
    auto opened = Spool::open(
        simulated_disk(history), clock, settings,
        [this](const MessageSummary& message) { found_ids.push_back(message.id); }, report);
    if (!opened) return std::unexpected(opened.error());
    spool = *std::move(opened);
    for (const auto id : found_ids) {
      if (auto read = spool->envelope(id)) found.push_back(*std::move(read));
    }
    return {};
  }
  /// As after a clean stop, on a disk that begins a new history.
  Result<> reopen() {
    spool.reset();
    history = std::make_shared<DiskHistory>(history->now());
    return open();
  }

  /// As after a power cut that took everything that was not synced.
  Result<> reopen_after_power_cut() {
    const auto left = history->crash(history->size(), Loss::everything());
    spool.reset();
    history = std::make_shared<DiskHistory>(left);
    return open();
  }

  std::shared_ptr<Envelope> envelope(std::size_t recipients = 1) {
    auto out = std::make_shared<Envelope>();
    out->id = ids.next();
    out->arrival = clock.wall();
    out->sender = "sender-" + out->id.text() + "@example.org";
    out->client_address = "192.0.2.1";
    out->helo = "client.example.org";
    out->variants[0].prepend = "Received: by gateway.example.org id " + out->id.text() + "\r\n";
    for (std::size_t i = 0; i < recipients; ++i) {
      out->recipients.emplace_back().address = "recipient-" + std::to_string(i) + "@example.com";
    }
    return out;
  }
  /// Octets that tell their message and their place, so that a mix-up shows.
  static Content content(MessageId id, std::size_t size) {
    std::string octets = "Subject: " + id.text() + "\r\n\r\n";
    while (octets.size() < size)
      octets += id.text() + " at " + std::to_string(octets.size()) + "\r\n";
    octets.resize(size);
    return std::make_shared<const std::string>(std::move(octets));
  }

  /// Accepts one message and waits for the answer.
  Result<MessageId> accept(std::size_t size = 500, std::size_t recipients = 1) {
    const auto message = envelope(recipients);
    Answers answers;
    spool->accept(message, content(message->id, size), answers.one());
    if (const auto& result = answers.wait().front(); !result)
      return std::unexpected(result.error());
    return message->id;
  }
  Result<> remove(MessageId id) {
    Answers answers;
    spool->remove(id, answers.one());
    return answers.wait().front();
  }
  Result<> record(Progress progress) {
    Answers answers;
    spool->progress(std::move(progress), answers.one());
    return answers.wait().front();
  }
  /// Everything that was handed over before is on disk.
  void settle() { static_cast<void>(accept()); }

  std::string newest_segment() const {
    std::string last;
    for (const auto& [path, octets] : history->now().files) {
      if (path.starts_with("log/")) last = path;
    }
    return last;
  }
  std::size_t files_in(const std::string& directory) const {
    std::size_t count = 0;
    for (const auto& [path, octets] : history->now().files)
      count += path.starts_with(directory + "/");
    return count;
  }
};

inline Progress delivered(MessageId id, std::uint32_t recipient = 0) {
  Progress progress;
  progress.id = id;
  progress.changes = {{recipient, RecipientState::delivered}};
  return progress;
}

inline Progress deferred(MessageId id, std::uint32_t attempts, std::string reply) {
  Progress progress;
  progress.id = id;
  progress.attempts = attempts;
  progress.next_attempt = WallTime(std::chrono::seconds(2'000'000'000));
  progress.last_reply = std::move(reply);
  return progress;
}

}  // namespace postern
