#include "gateway/queue/spool.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <optional>
#include <utility>

#include "gateway/base/bytes.h"
#include "gateway/queue/backup.h"
#include "gateway/queue/checkpointer.h"
#include "gateway/queue/commit_log.h"
#include "gateway/queue/content_files.h"
#include "gateway/queue/damage.h"
#include "gateway/queue/index.h"
#include "gateway/queue/log_files.h"
#include "gateway/queue/payload.h"
#include "gateway/queue/recovery.h"

namespace postern {

namespace {

/// Replies and reasons are for people; a server's endless one is not kept in memory.
constexpr std::size_t longest_text = 1000;
/// How often a record may move while it is looked up. It moves when collection has copied it.
constexpr int most_moves = 3;

std::unexpected<Error> closed() {
  return fail(std::errc::operation_canceled, "the spool is closed");
}

std::unexpected<Error> no_such_message(MessageId id) {
  return fail(std::errc::no_such_file_or_directory, "no message " + id.text() + " in the spool");
}

Result<> make_directories(Disk& disk) {
  if (disk.open(restoring_path)) {
    return fail(
        std::errc::operation_not_permitted,
        "a restore into this spool was not finished: empty the directory and restore again");
  }
  for (const auto* name : {"log", "content", "corrupt"}) TRY(disk.make_directory(name));
  return disk.sync_directory(".");
}

/// What recovery would not take back must not be acknowledged.
Result<> check(const Envelope& envelope) {
  if (envelope.open_recipients() == 0)
    return fail(std::errc::invalid_argument, "no open recipient");
  for (const auto& recipient : envelope.recipients) {
    if (recipient.variant >= envelope.variants.size()) {
      return fail(std::errc::invalid_argument, "a recipient's variant does not exist");
    }
  }
  return {};
}

class DurableSpool final : public Spool {
 public:
  DurableSpool(std::unique_ptr<Disk> disk, const Clock& clock, SpoolSettings settings)
      : disk_(std::move(disk)),
        clock_(clock),
        settings_(settings),
        files_(*disk_),
        contents_(*disk_),
        checkpointer_(*disk_, index_, settings_, [this] { return wait_for_log(); }) {}
  ~DurableSpool() override { close(); }

  Result<> recover_and_start(const Found& found, RecoveryReport& report) {
    TRY(disk_->lock("lock"));
    TRY(make_directories(*disk_));
    TRY(auto recovered, recover(*disk_, index_, report));
    if (found) index_.look_in_order(found);
    CommitLog::Parts parts{*disk_,
                           clock_,
                           settings_,
                           index_,
                           files_,
                           checkpointer_,
                           [this](MessageId id) { contents_.remove(id); },
                           [this](MessageId id) { examine(id); }};
    checkpointer_.found(recovered.log.checkpoint_size);
    log_.emplace(std::move(parts), std::move(recovered.log));
    log_->start();
    for (const auto id : recovered.lost) end_damaged(id);
    return {};
  }

  void accept(std::shared_ptr<const Envelope> envelope, Content content, Completion done) override;
  void progress(Progress change) override { progress(std::move(change), nullptr); }
  void progress(Progress change, Completion done) override;
  void remove(MessageId id, Completion done) override;

  Result<Envelope> envelope(MessageId id) override;
  Result<Content> content(MessageId id) override;
  std::vector<MessageId> ids() const override { return index_.ids(); }
  bool look(MessageId id, const See& see) const override { return index_.look(id, see); }
  void look_at_all(const See& see) const override { index_.look_at_all(see); }

  Result<BackupReport> backup(Disk& target) override;
  bool healthy() const override { return log_->healthy(); }
  bool has_room(std::uint64_t size) const override {
    if (clock_.steady() < plenty_until_.load(std::memory_order_relaxed) && size <= much)
      return true;
    const auto free = disk_->free_space();
    if (!free) return true;  // where it cannot be known, writing will tell
    if (*free >= settings_.queue_minfree + 2 * much)
      plenty_until_.store(clock_.steady() + milliseconds(100), std::memory_order_relaxed);
    return *free >= settings_.queue_minfree + size;
  }
  void close() override {
    contents_.close();  // first, since what it has written goes to the log
    if (!log_ || std::exchange(closed_, true)) return;
    log_->close();
    checkpointer_.close();
    if (const auto end = log_->end()) checkpointer_.write_last(*end);
  }

 private:
  struct Read {
    Index::Message message;
    AcceptHead head;
  };

  void submit_accept(std::shared_ptr<const Envelope> envelope, const Content& content,
                     bool own_file, Completion done);
  template <class Change>
  void change_index(MessageId id, Completion done, LogRecord record, Change change);
  void end_damaged(MessageId id);
  Result<> wait_for_log();
  Result<Read> read_head(MessageId id);
  Result<Content> read_content(MessageId id);
  void examine(MessageId id);
  template <class T>
  Result<T> examined(MessageId id, Result<T> result);

  /// More than can come in within a tenth of a second: so long nobody asks again.
  static constexpr std::uint64_t much = 1ULL << 30;
  mutable std::atomic<SteadyTime> plenty_until_{SteadyTime::min()};

  std::unique_ptr<Disk> disk_;
  const Clock& clock_;
  SpoolSettings settings_;
  Index index_;
  LogFiles files_;
  ContentWriter contents_;
  Checkpointer checkpointer_;
  std::optional<CommitLog> log_;
  bool closed_ = false;
  /// A change is made in the index and handed to the log under it: in both in the same order.
  std::mutex changing_;
};

void DurableSpool::accept(std::shared_ptr<const Envelope> envelope, Content content,
                          Completion done) {
  if (const auto right = check(*envelope); !right) return done(right);
  if (content->size() <= settings_.large_message) {
    return submit_accept(std::move(envelope), content, false, std::move(done));
  }
  const auto id = envelope->id;
  contents_.write(id, content,
                  [this, envelope = std::move(envelope), content,
                   done = std::move(done)](Result<> written) mutable {
                    if (!written) return done(std::move(written));
                    submit_accept(std::move(envelope), content, true, std::move(done));
                  });
}

void DurableSpool::submit_accept(std::shared_ptr<const Envelope> envelope, const Content& content,
                                 bool own_file, Completion done) {
  const auto crc = crc32c(*content);
  auto start = encode_accept(*envelope, content->size(), crc, own_file);
  if (start.size() > largest_head) {
    if (own_file) contents_.remove(envelope->id);
    return done(fail(std::errc::message_size, "the envelope is too large"));
  }
  Pending pending;
  pending.id = envelope->id;
  pending.record = own_file ? LogRecord::make(RecordType::accept, std::move(start))
                            : LogRecord::make(RecordType::accept, std::move(start), content, crc);
  pending.envelope = std::move(envelope);
  pending.content_size = content->size();
  pending.own_file = own_file;
  pending.done = std::move(done);
  if (!log_->submit(pending)) pending.done(closed());
}

void DurableSpool::progress(Progress change, Completion done) {
  change.last_reply.resize(std::min(change.last_reply.size(), longest_text));
  change.hold_reason.resize(std::min(change.hold_reason.size(), longest_text));
  if (change.hold == Progress::Hold::set && change.hold_reason.empty()) change.hold_reason = "held";
  auto record = LogRecord::make(RecordType::progress, encode_progress(change));
  change_index(change.id, std::move(done), std::move(record), [&] { return index_.apply(change); });
}

void DurableSpool::remove(MessageId id, Completion done) {
  change_index(id, std::move(done), {}, [&] { return index_.erase(id); });
}

/// The index comes first, always: what stands in the log is never newer than what the index says,
/// and collection relies on that. `record` is for a message that goes on; one that is over gets
/// the record that says so.
template <class Change>
void DurableSpool::change_index(MessageId id, Completion done, LogRecord record, Change change) {
  Pending pending;
  pending.id = id;
  pending.done = std::move(done);
  Result<> refused = no_such_message(id);
  {
    const std::lock_guard lock(changing_);
    const auto changed = change();
    const bool over = changed.outcome == Index::Outcome::over;
    pending.record = over ? LogRecord::make(RecordType::done, encode_done(id)) : std::move(record);
    pending.own_file = over && changed.own_file;
    if (changed.outcome != Index::Outcome::unknown) {
      if (log_->submit(pending)) return;
      refused = closed();
    }
  }
  if (pending.done) pending.done(std::move(refused));
}

/// What the index says now is in the log when this returns.
Result<> DurableSpool::wait_for_log() {
  // Whoever changed the index before has handed the record over.
  {
    const std::lock_guard lock(changing_);
  }
  TRY(const auto pin, log_->pin());
  return {};
}

Result<BackupReport> DurableSpool::backup(Disk& target) {
  TRY(const auto pin, log_->pin());
  return copy_spool(*disk_, target, pin.position(), index_.size(), clock_.wall());
}

Result<DurableSpool::Read> DurableSpool::read_head(MessageId id) {
  for (int moves = 0;; ++moves) {
    auto message = index_.find(id);
    if (!message) return no_such_message(id);
    auto head = files_.read_head(message->location);
    if (head && head->envelope.id == id) return Read{*std::move(message), *std::move(head)};
    const bool gone = !head && head.error().code == std::errc::no_such_file_or_directory;
    if (gone && moves < most_moves) continue;
    if (!head) return std::unexpected(std::move(head).error());
    return fail(std::errc::illegal_byte_sequence,
                "the record of " + id.text() + " is another message's");
  }
}

Result<Envelope> DurableSpool::envelope(MessageId id) {
  TRY(auto read, examined(id, read_head(id)));
  read.message.update(read.head.envelope);
  return std::move(read.head.envelope);
}

Result<Content> DurableSpool::content(MessageId id) { return examined(id, read_content(id)); }

template <class T>
Result<T> DurableSpool::examined(MessageId id, Result<T> result) {
  if (!result && result.error().code == std::errc::illegal_byte_sequence) examine(id);
  return result;
}

/// Damage that no start has seen, since a start with a checkpoint does not read everything. What
/// recovery would have done is done now: the octets are set aside, and the message is over. Read
/// once more before that, since memory errs, too.
void DurableSpool::examine(MessageId id) {
  const auto message = index_.find(id);
  if (!message) return;
  const auto content = read_content(id);
  if (content || content.error().code != std::errc::illegal_byte_sequence) return;
  const Location& at = message->location;
  const auto file = disk_->open(segment_path(at.segment));
  const auto kept = file ? record_damage(*disk_, file->get(), at.segment, at.offset, at.size())
                         : SetAside::failed;
  if (kept == SetAside::failed) return;  // it stays, and with it the only copy
  if (message->own_file && !content_damage(*disk_, id, message->size)) return;
  end_damaged(id);
}

/// Its file, where it has one, is not deleted: it is in corrupt/ already, or gone.
void DurableSpool::end_damaged(MessageId id) {
  change_index(id, nullptr, {}, [&] {
    index_.erase(id);
    return Index::Change{Index::Outcome::over, false};
  });
}

Result<Content> DurableSpool::read_content(MessageId id) {
  for (int moves = 0;; ++moves) {
    TRY(const auto read, read_head(id));
    const AcceptHead& head = read.head;
    if (head.own_file)
      return read_content_file(*disk_, id, head.envelope.content_size, head.content_crc);
    auto content = files_.read_tail(read.message.location, head.content_crc);
    const bool gone = !content && content.error().code == std::errc::no_such_file_or_directory;
    if (!gone || moves == most_moves) return content;
  }
}

}  // namespace

Result<std::unique_ptr<Spool>> Spool::open(std::unique_ptr<Disk> disk, const Clock& clock,
                                           SpoolSettings settings, const Found& found,
                                           RecoveryReport& report) {
  auto spool = std::make_unique<DurableSpool>(std::move(disk), clock, settings);
  TRY(spool->recover_and_start(found, report));
  return spool;
}

}  // namespace postern
