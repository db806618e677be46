// commit_log_reclaim.cc — the part of the commit thread that gives space back.
#include <algorithm>

#include "gateway/base/log.h"
#include "gateway/base/metrics.h"
#include "gateway/queue/commit_log.h"

namespace postern {

namespace {

constexpr Event segment_kept{"spool_segment_kept", Level::error,
                             "A segment has living messages that cannot be read; its space is not "
                             "given back. Check the disk, "
                             "then restart: recovery sets aside what is damaged."};
constexpr Event cannot_remove{
    "spool_cannot_remove", Level::error,
    "A segment without living messages cannot be deleted; tried again later."};

Counter& segments_removed =
    counter("postern_spool_segments_removed_total", "Segments of the log deleted.");
Counter& octets_collected = counter("postern_spool_collected_octets_total",
                                    "Octets of living records copied so that a segment could go.");

/// Below this nothing is copied: the space is not worth the work.
constexpr std::size_t fewest_segments = 4;
/// Copied in one batch. Twice what came in is enough to keep the dead at half of the log, since
/// each octet that comes in kills at most its like.
constexpr std::uint64_t least_budget = 64U << 10;
constexpr std::uint64_t most_budget = 1U << 20;
constexpr std::uint64_t idle_budget = 1U << 20;
/// Deleting takes the disk's time, too.
constexpr int most_removals = 4;
constexpr auto pause_after_failure = std::chrono::seconds(10);

}  // namespace

/// More than half of the log is dead, and the oldest segment can be read.
bool CommitLog::wants_collection() const {
  if (state_.segments.size() < fewest_segments || !state_.segments.begin()->second.removable)
    return false;
  const auto total = closed_octets_ + (writer_ ? writer_->end() - first_record_offset : 0);
  return parts_.index.live_octets() * 2 < total && parts_.clock.steady() >= next_collection_;
}

/// The oldest segment can go as it is.
bool CommitLog::has_dead_segment() const {
  if (state_.segments.empty()) return false;
  const auto& [number, segment] = *state_.segments.begin();
  return segment.removable && parts_.index.live_octets(number) == 0;
}

/// Adds copies of living records to the batch, after what was taken: a message whose end is in the
/// batch is no longer in the index, so that a copy never follows an end (FORMAT.md, collection).
void CommitLog::collect(std::vector<Pending>& batch) {
  if (pins_ > 0) return;
  if (!collector_) {
    if (!wants_collection()) return;
    const auto& [number, segment] = *state_.segments.begin();
    if (parts_.index.live_octets(number) == 0) return;  // reclaim() takes it as it is
    auto file = parts_.disk.open(segment_path(number));
    if (!file) return stop_collection();
    collector_.emplace(*std::move(file), segment.size, segment.salt, number, parts_.index);
  }
  std::uint64_t incoming = 0;
  for (const auto& pending : batch) incoming += pending.record.size();
  const auto budget = batch.empty()
                          ? idle_budget
                          : std::clamp<std::uint64_t>(incoming * 2, least_budget, most_budget);
  for (auto& copied : collector_->step(budget)) {
    octets_collected.add(copied.record.size());
    Pending pending;
    pending.record = std::move(copied.record);
    pending.id = copied.id;
    pending.from = copied.from;
    batch.push_back(std::move(pending));
  }
}

/// Copies were lost: begin again later. What was copied before is found to have moved.
void CommitLog::stop_collection() {
  collector_.reset();
  next_collection_ = parts_.clock.steady() + pause_after_failure;
}

/// After a batch: is the segment that was copied free to go?
void CommitLog::judge_collection() {
  if (!collector_ || !collector_->at_end()) return;
  const auto number = collector_->segment();
  collector_.reset();
  if (parts_.index.live_octets(number) == 0) return;
  examine_rest(number);
  if (parts_.index.live_octets(number) == 0) return;
  state_.segments[number].removable = false;
  log(segment_kept, {{"segment", number}, {"size", parts_.index.live_octets(number)}});
}

/// What is left was not copied, since it cannot be read: damaged ones end here, as recovery would
/// have ended them.
void CommitLog::examine_rest(std::uint32_t number) {
  std::vector<MessageId> rest;
  Index::Walk walk(parts_.index);
  while (walk.step([&](const Index::Known& message) {
    if (message.location.segment == number) rest.push_back(message.id);
  })) {
  }
  for (const auto id : rest) parts_.examine(id);
}

/// Deletes content files of messages that are over, and the oldest segments that nobody needs.
void CommitLog::reclaim() {
  if (pins_ > 0) return;
  const bool files_wait = !ended_.empty() || std::ranges::any_of(unsynced_, &Pending::own_file);
  const bool segments_wait = has_dead_segment() && parts_.clock.steady() >= next_reclaim_;
  if (!files_wait && !segments_wait) return;
  // The ends of these messages must be on disk before anything of them is deleted. When mail comes
  // in they are; otherwise this costs at most one sync a second.
  if (!sync_all()) return;

  for (const auto id : ended_) parts_.remove_content(id);
  ended_.clear();
  for (int i = 0; i < most_removals && segments_wait && has_dead_segment(); ++i) {
    const auto number = state_.segments.begin()->first;
    if (const auto removed = remove_segment(number); !removed) {
      log(cannot_remove, {{"segment", number}, {"error", removed.error().what}});
      next_reclaim_ = parts_.clock.steady() + pause_after_failure;
      return;
    }
  }
}

/// Synced before the next is touched: were the later one gone and this one still there after a
/// crash, messages in this one whose end stood in the later one would come back.
Result<> CommitLog::remove_segment(std::uint32_t number) {
  if (auto removed = parts_.disk.remove(segment_path(number));
      !removed && removed.error().code != std::errc::no_such_file_or_directory) {
    return removed;
  }
  parts_.files.forget(number);
  TRY(parts_.disk.sync_directory("log"));
  closed_octets_ -= state_.segments.at(number).records();
  state_.segments.erase(number);
  segments_removed.add();
  return {};
}

}  // namespace postern
