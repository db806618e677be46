#include "gateway/queue/commit_log.h"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <utility>

#include "gateway/base/log.h"
#include "gateway/base/metrics.h"

namespace postern {

namespace {

constexpr Event segment_given_up{
    "spool_segment_given_up", Level::error,
    "Writing to the spool failed; messages got 451 and a new segment is tried. Look at the disk."};
constexpr Event cannot_write{"spool_cannot_write", Level::error,
                             "No segment of the spool can be written; messages get 451 or 452 "
                             "until it works. Look at the disk."};
constexpr Event writing_again{"spool_writing_again", Level::warning,
                              "The spool can be written again; nothing is to be done."};

Counter& records_written =
    counter("postern_spool_records_total", "Records written to the spool's log.");
Counter& octets_written =
    counter("postern_spool_written_octets_total", "Octets written to the spool's log.");
Counter& batches_synced =
    counter("postern_spool_syncs_total", "Batches of the spool's log that were synced.");
Seconds& sync_time =
    duration_metric("postern_spool_sync_seconds", "Time that syncing a batch took.");
Counter& failures =
    counter("postern_spool_write_failures_total", "Writes or syncs of the spool that failed.");
Gauge& messages =
    gauge("postern_spool_messages", "Messages in the spool, held and deferred ones included.");

/// How long a record that nobody waits for may stay in memory (spool.h: Progress): what a kill -9
/// finds here is delivered twice, so it goes to the kernel soon; what gathers meanwhile shares the
/// write.
constexpr auto longest_wait = std::chrono::milliseconds(5);
/// While collection has work and no mail comes: pauses that keep the disk mostly free.
constexpr auto collection_pause = std::chrono::milliseconds(20);
/// How often a disk that fails is tried again.
constexpr auto retry_pause = std::chrono::seconds(1);
/// One write's size: more would make the first of a batch wait for the last.
constexpr std::uint64_t largest_batch = 16U << 20;

/// Room at the end of a segment for what is delivered while the disk is full: some 40000 records
/// with the default segment size.
std::uint64_t progress_room(const SpoolSettings& settings) {
  return std::max<std::uint64_t>(settings.segment_size / 16, 64U << 10);
}

bool is_full(const Error& error) { return error.code == std::errc::no_space_on_device; }

}  // namespace

CommitLog::CommitLog(Parts parts, LogState state)
    : parts_(std::move(parts)), state_(std::move(state)) {
  for (const auto& [number, segment] : state_.segments) closed_octets_ += segment.records();
  static_cast<void>(begin_segment());
}

void CommitLog::start() {
  thread_ = std::thread([this] { run(); });
}

bool CommitLog::submit(Pending& pending) {
  const std::lock_guard lock(mutex_);
  if (closing_) return false;
  const bool urgent = static_cast<bool>(pending.done);
  waiting_.push_back(std::move(pending));
  const bool first = waiting_.size() == 1;
  const bool newly_urgent = urgent && !std::exchange(urgent_, true);
  if (first || newly_urgent) wake_.notify_one();
  return true;
}

void CommitLog::close() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
    wake_.notify_one();
  }
  if (thread_.joinable()) thread_.join();
}

void CommitLog::run() {
  checkpoint_when_due();
  for (bool last = false; !last;) {
    auto batch = take(last);
    if (!writer_) static_cast<void>(begin_segment());
    if (!last) collect(batch);
    commit_in_slices(batch);
    judge_collection();
    reclaim();
    checkpoint_when_due();
    answer_pins(last);
  }
  finish();
}

void CommitLog::commit_in_slices(std::vector<Pending>& batch) {
  if (batch.empty() && !again_.empty()) commit({});
  for (std::size_t begin = 0; begin < batch.size();) {
    std::uint64_t octets = 0;
    std::size_t end = begin;
    while (end < batch.size() &&
           (end == begin || octets + batch[end].record.size() <= largest_batch)) {
      octets += batch[end++].record.size();
    }
    commit({batch.data() + begin, end - begin});
    begin = end;
  }
}

/// Nothing waits any more. What could not be recorded until now gets one more chance: each such
/// record lost is a delivery repeated after the restart.
void CommitLog::finish() {
  next_begin_ = {};
  std::vector<Pending> nothing;
  commit_in_slices(nothing);
  if (sync_all()) static_cast<void>(writer_->cut_to_end());
}

std::vector<Pending> CommitLog::take(bool& last) {
  std::vector<Pending> batch;
  std::unique_lock lock(mutex_);
  const auto awaited = [this] { return urgent_ || closing_; };
  const bool gives_back = collector_ || wants_collection() || has_dead_segment() || !ended_.empty();
  if (gives_back || !again_.empty() || !writer_) {
    wake_.wait_for(lock, collector_ && pins_ == 0 ? collection_pause : retry_pause, awaited);
  } else {
    // Without work there is nothing to wake for.
    wake_.wait(lock, [&] { return awaited() || !waiting_.empty(); });
    wake_.wait_for(lock, longest_wait, awaited);
  }
  last = closing_;
  urgent_ = false;
  batch.swap(waiting_);
  pins_in_hand_.swap(wanted_pins_);
  return batch;
}

void CommitLog::commit(std::span<Pending> batch) {
  std::uint64_t octets = 0;
  for (const auto& pending : again_) octets += pending.record.size();
  for (const auto& pending : batch) octets += pending.record.size();
  const auto room = make_room(octets);  // may give up a segment, and so add to again_

  // In order of what happened: a newer record must never stand before an older one.
  std::vector<Pending> earlier;
  earlier.swap(again_);
  work_.clear();
  for (auto& pending : earlier) work_.push_back(&pending);
  for (auto& pending : batch) work_.push_back(&pending);
  if (!room) {
    refuse_messages(room.error(), true);
    if (!writer_) return postpone(room.error());
  }
  if (const auto written = append_despite_full_disk(); !written) {
    return is_full(written.error()) ? postpone(written.error()) : give_up_segment(written.error());
  }
  const bool awaited = std::ranges::any_of(
      work_, [](const Pending* pending) { return pending->done || pending->is_message(); });
  if (awaited && !sync_all()) return;
  settle();
}

/// Sees to it that there is a segment with space for `octets` more.
Result<> CommitLog::make_room(std::uint64_t octets) {
  const bool fits =
      writer_ && (writer_->empty() || writer_->end() + octets <= parts_.settings.segment_size);
  if (!fits) TRY(begin_segment());
  return writer_->make_room(octets);
}

/// On failure the old segment, where there is one, stays: its end is kept for progress.
Result<> CommitLog::begin_segment() {
  const auto now = parts_.clock.steady();
  if (begin_error_ && now < next_begin_) return std::unexpected(*begin_error_);
  // Where one segment ends and the next begins must not be in doubt after a crash.
  if (writer_ && !writer_->synced()) {
    auto synced = writer_->sync();
    if (synced) {
      now_durable();
    } else {
      give_up_segment(synced.error());
      return writer_ ? Result<>() : synced;
    }
  }
  const auto previous = writer_ ? writer_->left_behind() : state_.previous;
  auto begun = SegmentWriter::begin(parts_.disk, state_.next_segment++, previous,
                                    progress_room(parts_.settings));
  if (!begun) {
    failures.add();
    if (!begin_error_) log(cannot_write, {{"error", begun.error().what}});
    begin_error_ = begun.error();
    next_begin_ = now + retry_pause;
    if (!writer_) healthy_ = false;
    return std::unexpected(std::move(begun).error());
  }
  if (writer_) close_segment();
  writer_ = *std::move(begun);
  parts_.files.add(writer_->number(), writer_->file());
  if (begin_error_ || !healthy_) log(writing_again, {{"segment", writer_->number()}});
  begin_error_.reset();
  healthy_ = true;
  return {};
}

/// Puts the segment away, whole or given up.
void CommitLog::close_segment() {
  state_.previous = writer_->left_behind();
  // Gives back what was reserved. A failure costs space until the segment is deleted, nothing else.
  if (writer_->synced()) static_cast<void>(writer_->cut_to_end());
  const ClosedSegment closed{writer_->end(), writer_->salt(), writer_->left_behind().durable, true};
  state_.segments[writer_->number()] = closed;
  closed_octets_ += closed.records();
  writer_.reset();
}

Result<> CommitLog::append() {
  if (work_.empty()) return {};
  std::vector<LogRecord*> records;
  records.reserve(work_.size());
  for (auto* pending : work_) records.push_back(&pending->record);
  const auto before = writer_->end();
  TRY(writer_->append(records, state_.next_sequence));
  records_written.add(records.size());
  octets_written.add(writer_->end() - before);
  state_.growth += writer_->end() - before + records.size() * octets_for_record;
  return {};
}

/// Where the messages do not fit any more, the progress beside them may.
Result<> CommitLog::append_despite_full_disk() {
  auto written = append();
  if (written || !is_full(written.error())) return written;
  failures.add();
  TRY(writer_->cut_to_end());
  // A crash now may still bring back a record whose end was just cut off: its content file stays,
  // and is found without an owner at the next start.
  refuse_messages(written.error(), false);
  written = append();
  if (!written && is_full(written.error())) TRY(writer_->cut_to_end());
  return written;
}

/// Syncs; false where that failed and the segment was given up with all that was in it.
bool CommitLog::sync_all() {
  if (!writer_ || writer_->synced()) return writer_ != nullptr;
  const auto start = std::chrono::steady_clock::now();
  if (const auto synced = writer_->sync(); !synced) {
    give_up_segment(synced.error());
    return false;
  }
  sync_time.observe(
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  batches_synced.add();
  now_durable();
  return true;
}

/// What was written before without a sync of its own is now covered by one.
void CommitLog::now_durable() {
  for (const auto& pending : unsynced_) {
    if (pending.own_file) ended_.push_back(pending.id);
  }
  unsynced_.clear();
}

/// The batch is written, and synced where anybody waits for that: it takes effect.
void CommitLog::settle() {
  healthy_ = true;
  if (!writer_->synced()) {
    for (auto* pending : work_) unsynced_.push_back(std::move(*pending));
    work_.clear();
    return;
  }
  for (auto* pending : work_) {
    if (pending->record.type == RecordType::accept) {
      parts_.index.put(*pending->envelope, pending->content_size, pending->own_file,
                       pending->record.location);
    } else if (pending->record.type == RecordType::collected) {
      parts_.index.relocate(pending->id, pending->from, pending->record.location);
    } else if (pending->own_file) {
      ended_.push_back(pending->id);
    }
  }
  messages.set(static_cast<std::int64_t>(parts_.index.size()));
  for (auto* pending : work_) {
    if (pending->done) pending->done({});
  }
  work_.clear();
}

/// Answers the messages of the batch with the error and takes them out of it.
void CommitLog::refuse_messages(const Error& error, bool remove_files) {
  for (auto* pending : work_) {
    if (pending->record.type == RecordType::collected) stop_collection();
    if (pending->record.type != RecordType::accept) continue;
    if (pending->own_file && remove_files) parts_.remove_content(pending->id);
    if (pending->done) pending->done(std::unexpected(error));
  }
  std::erase_if(work_, [](const Pending* pending) { return pending->is_message(); });
}

/// What the batch records is true already, so it is kept for the next; who waits gets the error.
void CommitLog::postpone(const Error& error) {
  failures.add();
  if (!work_.empty() && healthy_.exchange(false)) log(cannot_write, {{"error", error.what}});
  for (auto* pending : work_) {
    if (pending->done) pending->done(std::unexpected(error));
    pending->done = nullptr;
    again_.push_back(std::move(*pending));
  }
  work_.clear();
}

void CommitLog::give_up_segment(const Error& error) {
  failures.add();
  log(segment_given_up, {{"segment", writer_->number()}, {"error", error.what}});
  healthy_ = false;
  close_segment();
  again_.insert(again_.begin(), std::make_move_iterator(unsynced_.begin()),
                std::make_move_iterator(unsynced_.end()));
  unsynced_.clear();
  // The records may be on disk all the same, and then the messages are there after a restart,
  // though the client was told 451: their content files stay for that.
  refuse_messages(error, false);
  postpone(error);
  next_begin_ = {};
  static_cast<void>(begin_segment());
}

}  // namespace postern
