// spool.h — the durable queue: one append-only log, group commit, recovery.
//
// The invariant: acknowledged ⊆ delivered ∪ queued ∪ bounced ∪ archived, byte for byte, and
// duplicates ≤ what was in flight. The octets on disk are described in FORMAT.md.
//
// Threads: every method may be called from any thread. One commit thread owns the log; it takes
// all records that wait, writes them as one batch, syncs once, and then completes them. While it
// syncs, the next batch gathers: that is the whole of group commit, there is no timer.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/base/clock.h"
#include "gateway/base/config.h"
#include "gateway/base/result.h"
#include "gateway/queue/disk.h"
#include "gateway/queue/envelope.h"

namespace postern {

struct SpoolSettings {
  std::uint64_t segment_size = 64ULL << 20;    // octets; a new segment is begun above this
  std::uint64_t large_message = 256ULL << 10;  // above: content in a file of its own
  std::uint64_t queue_minfree = 64ULL << 20;   // octets that must stay free; below: 452
  /// So much of the log may have to be read at the next start, at least; no key, since nobody needs
  /// another value but tests.
  std::uint64_t checkpoint_growth = 512ULL << 20;
};
void describe(SpoolSettings& settings, Keys& keys);

/// What an attempt changed. Not synced on its own ("still deferred" costs no flush): it goes to
/// disk with the next batch, at the latest after a few milliseconds. A crash before that repeats
/// the deliveries it would have recorded.
struct Progress {
  MessageId id;
  struct Change {
    std::uint32_t recipient;  // index in Envelope::recipients
    RecipientState state;
  };
  std::vector<Change> changes;
  /// False for what an administrator changes: attempts, next_attempt and last_reply stay as they
  /// are, whatever stands here.
  bool attempted = true;
  std::uint32_t attempts = 0;
  WallTime next_attempt{};
  std::string last_reply;
  enum class Hold : std::uint8_t { keep, set, clear };
  Hold hold = Hold::keep;
  std::string hold_reason;
  std::optional<std::string> route;  // the new value; "" clears it
  bool delay_notice_sent = false;    // true sets it; nothing clears it
};

/// What memory knows of a message, without a look at the disk. The views are valid during the call
/// that hands it out.
struct MessageSummary {
  MessageId id;
  WallTime arrival{};
  std::uint64_t size = 0;  // octets of content
  std::uint32_t attempts = 0;
  WallTime next_attempt{};          // zero: not tried yet, or at once
  std::string_view sender, client;  // reverse path; client's address
  std::string_view last_reply, hold, route;
  bool delay_notice_sent = false;
  std::string_view recipients;  // addresses of those still open, each followed by LF
  /// Within one call of look_at_all, equal keys mean equal recipients, so that a sum over many can
  /// be kept by it. 0: unknown.
  std::uint32_t recipients_key = 0;
};

struct RecoveryReport {
  std::uint64_t messages = 0;         // alive after the replay
  std::uint64_t from_checkpoint = 0;  // messages that were in the checkpoint; 0: none was used
  std::uint64_t records = 0;          // read from the log, behind the checkpoint
  std::uint64_t replayed_octets = 0;  // of these records
  std::uint64_t torn_octets = 0;      // cut from the tail: never acknowledged
  std::uint64_t corrupt_records = 0;  // set aside in corrupt/, each with a log event
  MessageId last_id;
};

struct BackupReport {
  std::uint64_t messages = 0;  // in the queue then, but for those whose end was on its way
  std::uint64_t files = 0;
  std::uint64_t octets = 0;
  std::uint64_t records = 0;
  std::uint64_t damaged = 0;  // stretches of the log that are no records; they were copied, too
};

class Spool {
 public:
  /// Called when the record is on stable storage, or with the reason why it is not
  /// (no_space_on_device: 452; anything else: 451). On one of the spool's threads, or within the
  /// call itself where that is refused at once. Must not block.
  using Completion = std::move_only_function<void(Result<>)>;
  /// Called during open() for each living message, in order of ids.
  using Found = std::function<void(const MessageSummary&)>;
  /// Called with a lock held: must be short, and must not call the spool.
  using See = std::function<void(const MessageSummary&)>;

  virtual ~Spool() = default;

  /// Recovers and starts the commit thread. Refuses only: a foreign lock, an unknown format
  /// version, a directory that cannot be read. Damage never stops it.
  static Result<std::unique_ptr<Spool>> open(std::unique_ptr<Disk> disk, const Clock& clock,
                                             SpoolSettings settings, const Found& found,
                                             RecoveryReport& report);

  /// Hands a message over. 250 may be said in `done` and nowhere else.
  virtual void accept(std::shared_ptr<const Envelope> envelope, Content content,
                      Completion done) = 0;
  /// Records what an attempt changed. When no recipient is open any more the message is over and
  /// its space can be collected.
  virtual void progress(Progress change) = 0;
  /// Like progress, but `done` is called once it is on stable storage (for what an administrator
  /// was told, and for a bounce that must exist before its cause is forgotten).
  virtual void progress(Progress change, Completion done) = 0;
  /// The message ends, whatever its recipients' state (administrator's delete).
  virtual void remove(MessageId id, Completion done) = 0;

  /// The envelope with all progress applied. From memory and disk; may block on disk.
  virtual Result<Envelope> envelope(MessageId id) = 0;
  virtual Result<Content> content(MessageId id) = 0;
  virtual std::vector<MessageId> ids() const = 0;
  /// False where there is no such message. From memory alone, as is the next.
  virtual bool look(MessageId id, const See& see) const = 0;
  /// Each message that exists all the time is seen once, in no order; one that comes or goes
  /// meanwhile may be. The lock is given up after every thousand.
  virtual void look_at_all(const See& see) const = 0;

  /// False after a write or sync failed and until writing has worked again: accept answers errors
  /// at once, and the scheduler pauses, since a delivery that cannot be recorded would be repeated.
  virtual bool healthy() const = 0;
  /// False when the disk is too full for a further message of `size` octets (answer 452 at MAIL).
  virtual bool has_room(std::uint64_t size) const = 0;
  /// Copies the spool as it is at one moment to another disk, which must be empty, and reads the
  /// copy back. Blocks for as long as that takes; mail is accepted and delivered meanwhile, and no
  /// space is given back. `restore` (backup.h) is the way back.
  virtual Result<BackupReport> backup(Disk& target) = 0;
  /// Waits until everything handed over is synced, then stops the commit thread.
  virtual void close() = 0;
};

}  // namespace postern
