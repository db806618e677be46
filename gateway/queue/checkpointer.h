// checkpointer.h — writes checkpoints in the background, so slowly that nobody notices.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

#include "gateway/queue/checkpoint.h"
#include "gateway/queue/disk.h"
#include "gateway/queue/index.h"
#include "gateway/queue/spool.h"

namespace postern {

class Checkpointer {
 public:
  using WaitForLog = std::function<Result<>()>;

  /// `wait_for_log`: CheckpointSteps has it.
  Checkpointer(Disk& disk, const Index& index, const SpoolSettings& settings,
               WaitForLog wait_for_log);
  ~Checkpointer() { close(); }

  /// Of the log up to there; returns at once. Not while busy().
  void begin(LogPosition position);
  bool busy() const { return busy_; }
  /// The last one is in its place.
  bool worked() const { return worked_; }
  /// Of the last one, in octets; 0 where there is none.
  std::uint64_t size() const { return size_; }
  void found(std::uint64_t size) { size_ = size; }

  /// Gives up what is being written.
  void close();
  /// After close(): as fast as the disk allows.
  void write_last(const LogPosition& position);

 private:
  void run();
  bool rest(std::uint64_t octets);
  void write(const LogPosition& position, const CheckpointSteps& steps);
  bool has_room() const;

  Disk& disk_;
  const Index& index_;
  const SpoolSettings& settings_;
  WaitForLog wait_for_log_;
  std::atomic<bool> busy_ = false;
  std::atomic<bool> worked_ = false;
  std::atomic<std::uint64_t> size_ = 0;

  std::mutex mutex_;
  std::condition_variable wake_;
  std::optional<LogPosition> next_;
  bool closing_ = false;
  std::thread thread_;
};

}  // namespace postern
