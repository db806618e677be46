#include "gateway/queue/checkpointer.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "gateway/base/log.h"
#include "gateway/base/metrics.h"

namespace postern {

namespace {

constexpr Event not_written{"spool_checkpoint_failed", Level::warning,
                            "The checkpoint of the index could not be written: the next start "
                            "reads more of the log. Look at the disk and its free space."};

Counter& checkpoints =
    counter("postern_spool_checkpoints_total", "Checkpoints of the spool's index written.");
Counter& checkpoint_octets =
    counter("postern_spool_checkpoint_octets_total", "Octets written in checkpoints.");

/// Half of what a slow disk gives. A million messages take some three seconds.
constexpr std::uint64_t octets_per_second = 50U << 20;
/// With two texts of its own: what a message takes in a checkpoint, for whether there is room.
constexpr std::uint64_t octets_a_message = 200;

}  // namespace

Checkpointer::Checkpointer(Disk& disk, const Index& index, const SpoolSettings& settings,
                           WaitForLog wait_for_log)
    : disk_(disk),
      index_(index),
      settings_(settings),
      wait_for_log_(std::move(wait_for_log)),
      thread_([this] { run(); }) {}

void Checkpointer::begin(LogPosition position) {
  const std::lock_guard lock(mutex_);
  busy_ = true;
  next_ = std::move(position);
  wake_.notify_one();
}

void Checkpointer::close() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
    wake_.notify_one();
  }
  if (thread_.joinable()) thread_.join();
}

void Checkpointer::write_last(const LogPosition& position) {
  // All is in the log already.
  write(position, {[](std::uint64_t) { return true; }, [] { return Result<>(); }});
}

void Checkpointer::run() {
  for (;;) {
    LogPosition position;
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return closing_ || next_; });
      if (closing_) return;
      position = *std::exchange(next_, std::nullopt);
    }
    write(position, {[this](std::uint64_t octets) { return rest(octets); }, wait_for_log_});
    busy_ = false;
  }
}

/// After so many octets the disk is others' for as long as they should have taken.
bool Checkpointer::rest(std::uint64_t octets) {
  const auto time = std::chrono::microseconds(octets * 1'000'000 / octets_per_second);
  std::unique_lock lock(mutex_);
  return !wake_.wait_for(lock, time, [this] { return closing_; });
}

/// Checkpoints are a convenience: they never take the space that mail needs.
bool Checkpointer::has_room() const {
  const auto free = disk_.free_space();
  const auto wanted = std::max<std::uint64_t>(size_, index_.size() * octets_a_message);
  return !free || *free >= wanted + settings_.queue_minfree;
}

void Checkpointer::write(const LogPosition& position, const CheckpointSteps& steps) {
  Result<std::uint64_t> written = fail(std::errc::no_space_on_device, "there is not enough space");
  if (has_room()) written = write_checkpoint(disk_, index_, position, steps);
  worked_ = written.has_value();
  if (written) {
    size_ = *written;
    checkpoints.add();
    checkpoint_octets.add(*written);
  } else if (written.error().code != std::errc::operation_canceled) {
    log(not_written, {{"error", written.error().what}});
  }
}

}  // namespace postern
