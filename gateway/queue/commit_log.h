// commit_log.h — the commit thread: takes what waits, writes it as one batch, syncs once, answers.
//
// Errors are part of the plan. A failed sync gives up the segment, since what the kernel dropped
// is not known; the next one is begun. A full disk refuses messages, but what was delivered is
// still recorded, in space that was reserved before.
#pragma once

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <thread>
#include <utility>
#include <vector>

#include "gateway/base/clock.h"
#include "gateway/queue/checkpointer.h"
#include "gateway/queue/collector.h"
#include "gateway/queue/disk.h"
#include "gateway/queue/index.h"
#include "gateway/queue/log_files.h"
#include "gateway/queue/log_state.h"
#include "gateway/queue/segment_writer.h"
#include "gateway/queue/spool.h"

namespace postern {

/// A record that waits, and what its being written means.
struct Pending {
  LogRecord record;
  MessageId id;
  std::shared_ptr<const Envelope> envelope;  // accept
  std::uint64_t content_size = 0;            // accept
  Location from;                             // collected
  bool own_file = false;                     // accept: it is written; done: it can go
  Spool::Completion done;

  bool is_message() const {
    return record.type == RecordType::accept || record.type == RecordType::collected;
  }
};

class CommitLog {
 public:
  struct Parts {
    Disk& disk;
    const Clock& clock;
    SpoolSettings settings;
    Index& index;
    LogFiles& files;
    Checkpointer& checkpointer;
    std::function<void(MessageId)> remove_content;
    /// A message that collection could not read: is it damaged? Then it ends.
    std::function<void(MessageId)> examine;
  };

  /// Begins a segment; where that fails the log starts unhealthy and goes on trying.
  CommitLog(Parts parts, LogState state);
  ~CommitLog() { close(); }
  void start();

  /// While one lives, nothing in the log and no content file is deleted.
  class Pin {
   public:
    Pin(CommitLog& log, LogPosition position) : log_(&log), position_(std::move(position)) {}
    Pin(Pin&& other) noexcept
        : log_(std::exchange(other.log_, nullptr)), position_(std::move(other.position_)) {}
    ~Pin() {
      if (log_) --log_->pins_;
    }
    const LogPosition& position() const { return position_; }

   private:
    CommitLog* log_;
    LogPosition position_;
  };
  /// Waits until all that was submitted before is on stable storage, and says where the log stands
  /// then.
  Result<Pin> pin();

  /// False after close(): then `pending` is as it was, and who waits for it must be told.
  [[nodiscard]] bool submit(Pending& pending);
  bool healthy() const { return healthy_; }
  /// Writes and syncs what waits. What is submitted afterwards is refused.
  void close();
  /// After close(): where the log ends, for the last checkpoint; nothing where there is nothing
  /// new, or where a checkpoint would not do.
  std::optional<LogPosition> end();

 private:
  void run();
  std::vector<Pending> take(bool& last);
  void commit_in_slices(std::vector<Pending>& batch);
  void commit(std::span<Pending> batch);
  void finish();
  Result<> make_room(std::uint64_t octets);
  Result<> begin_segment();
  Result<> append();
  Result<> append_despite_full_disk();
  void settle();
  void now_durable();
  bool sync_all();
  void refuse_messages(const Error& error, bool remove_files);
  void postpone(const Error& error);
  void give_up_segment(const Error& error);
  void close_segment();

  void collect(std::vector<Pending>& batch);
  void judge_collection();
  void examine_rest(std::uint32_t number);
  void stop_collection();
  bool wants_collection() const;
  bool has_dead_segment() const;
  void reclaim();
  Result<> remove_segment(std::uint32_t number);

  std::optional<LogPosition> position() const;
  void answer_pins(bool last);
  void note_checkpoint();
  void checkpoint_when_due();

  Parts parts_;
  std::atomic<bool> healthy_ = true;

  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<Pending> waiting_;
  bool urgent_ = false;  // somebody waits for an answer
  bool closing_ = false;
  std::vector<std::promise<Result<Pin>>> wanted_pins_;
  std::atomic<int> pins_ = 0;

  // From here on: the commit thread's alone.
  std::unique_ptr<SegmentWriter> writer_;  // none while no segment could be begun
  LogState state_;
  std::uint64_t closed_octets_ = 0;  // of records, in all closed segments
  std::vector<Pending*> work_;       // of the batch in hand
  std::vector<Pending> unsynced_;  // written, not yet synced, nobody waits: kept for the case below
  std::vector<Pending> again_;     // to be written once more, since their segment was given up
  std::vector<MessageId> ended_;   // their content files can go
  std::vector<std::promise<Result<Pin>>> pins_in_hand_;
  std::optional<Error> begin_error_;
  SteadyTime next_begin_{};
  std::optional<Collector> collector_;
  SteadyTime next_collection_{};
  SteadyTime next_reclaim_{};
  std::uint64_t covered_ = 0;  // of state_.growth, by the checkpoint that is being written
  SteadyTime next_checkpoint_{};

  std::thread thread_;
};

}  // namespace postern
