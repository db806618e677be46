// commit_log_checkpoint.cc — the part of the commit thread that says where the log stands: for
// checkpoints and for backups.
#include <algorithm>

#include "gateway/queue/commit_log.h"

namespace postern {

namespace {
constexpr auto pause_after_failure = std::chrono::minutes(1);
}

/// Nothing while a segment cannot be read: a start that takes the checkpoint would not look there
/// again.
std::optional<LogPosition> CommitLog::position() const {
  if (!writer_ || !writer_->synced()) return std::nullopt;
  LogPosition out;
  out.segment = writer_->number();
  out.offset = writer_->end();
  out.next_sequence = state_.next_sequence;
  out.last_id = parts_.index.last_id();
  for (const auto& [number, segment] : state_.segments) {
    if (!segment.removable) return std::nullopt;
    out.segments.push_back({number, segment.salt, static_cast<std::uint32_t>(segment.durable)});
  }
  out.segments.push_back(
      {writer_->number(), writer_->salt(), static_cast<std::uint32_t>(writer_->end())});
  return out;
}

/// Of what grew, the part that the last checkpoint covers is no longer to be read.
void CommitLog::note_checkpoint() {
  if (covered_ == 0 || parts_.checkpointer.busy()) return;
  if (parts_.checkpointer.worked()) state_.growth -= covered_;
  if (!parts_.checkpointer.worked()) next_checkpoint_ = parts_.clock.steady() + pause_after_failure;
  covered_ = 0;
}

/// Between two batches, when all that was written is synced and in the index: FORMAT.md says why
/// that matters.
void CommitLog::checkpoint_when_due() {
  // Twice its size, or a queue of many would be written again and again for the sake of a few.
  const auto due = std::max(parts_.settings.checkpoint_growth, parts_.checkpointer.size() * 2);
  note_checkpoint();
  if (state_.growth < due || covered_ > 0 || parts_.clock.steady() < next_checkpoint_) return;
  if (!sync_all()) return;
  auto position = this->position();
  if (!position) return;
  covered_ = state_.growth;
  parts_.checkpointer.begin(*std::move(position));
}

Result<CommitLog::Pin> CommitLog::pin() {
  std::future<Result<Pin>> answer;
  {
    const std::lock_guard lock(mutex_);
    if (closing_) return fail(std::errc::operation_canceled, "the spool is closed");
    answer = wanted_pins_.emplace_back().get_future();
    urgent_ = true;
    wake_.notify_one();
  }
  return answer.get();
}

void CommitLog::answer_pins(bool last) {
  for (auto& each : std::exchange(pins_in_hand_, {})) {
    if (last) {
      each.set_value(fail(std::errc::operation_canceled, "the spool is being closed"));
      continue;
    }
    std::optional<LogPosition> position;
    if (sync_all() && again_.empty()) position = this->position();
    if (!position) {
      each.set_value(
          fail(std::errc::io_error, "the log cannot be written, or not all of it can be read"));
      continue;
    }
    ++pins_;
    each.set_value(Pin(*this, *std::move(position)));
  }
}

std::optional<LogPosition> CommitLog::end() {
  note_checkpoint();
  return state_.growth == 0 || !again_.empty() ? std::nullopt : position();
}

}  // namespace postern
