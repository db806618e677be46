#include "gateway/scheduler/destination.h"

#include <algorithm>

namespace postern {
namespace {
/// So many deferrals without a success are needed to call it a habit. A host that takes one in
/// twenty is a greylisting host whose retries are due.
constexpr unsigned habit = 20;
constexpr SteadyTime::duration first_interval = milliseconds(1);
}  // namespace

SteadyTime Destination::opens_at(Lane lane, SteadyTime now) const {
  if (dead(now)) return dead_until_;
  if (busy_ >= window()) return SteadyTime::max();
  if (lane == Lane::memory && !waiting_.empty() && waiting_.front().paid) return now;
  SteadyTime at = next_start_;
  if (lane == Lane::retry) at = std::max(at, next_retry_);
  return at;
}

void Destination::started(Lane lane, SteadyTime now, bool paid) {
  ++busy_;
  if (paid) return;
  if (limits_.rate_delay > milliseconds(0)) {
    next_start_ = std::max(next_start_, now) + limits_.rate_delay;
  }
  if (lane == Lane::retry) next_retry_ = std::max(next_retry_, now) + retry_interval_;
}

void Destination::succeeded() {
  failed_cohorts_ = 0;
  deaths_ = 0;
  dead_until_ = SteadyTime::min();
  const auto limit = static_cast<double>(limits_.concurrency_limit);
  // Growth only counts where the window was in use: an idle destination proves nothing.
  const auto used = static_cast<double>(busy_ + limits_.initial_concurrency);
  if (window_ < used) window_ = std::min(limit, window_ + limits_.positive.at(window_));
}

bool Destination::ended(Reached reached, std::int64_t slowest_retries) {
  --busy_;
  if (reached == Reached::no) {
    failed_cohorts_ += 1 / std::max(1.0, window_);
    window_ = std::max(1.0, window_ - limits_.negative.at(window_));
    return failed_cohorts_ >= static_cast<double>(limits_.failed_cohort_limit);
  }
  succeeded();
  if (reached == Reached::took) {
    deferred_in_a_row_ = 0;
    retry_interval_ = {};
    next_retry_ = SteadyTime::min();
  } else if (++deferred_in_a_row_ > habit && slowest_retries > 0) {
    const SteadyTime::duration longest = SteadyTime::duration(seconds(1)) / slowest_retries;
    retry_interval_ = std::min(longest, std::max(first_interval, retry_interval_ * 2));
  }
  return false;
}

void Destination::bury(SteadyTime until, std::string reason) {
  ++deaths_;
  // One probe when it is time; what was learnt about its width is forgotten.
  window_ = 1;
  failed_cohorts_ = static_cast<double>(limits_.failed_cohort_limit);
  dead_until_ = until;
  dead_reason_ = std::move(reason);
}

void Destination::revive() {
  dead_until_ = SteadyTime::min();
  next_retry_ = SteadyTime::min();
}

}  // namespace postern
