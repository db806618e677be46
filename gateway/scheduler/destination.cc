#include "gateway/scheduler/destination.h"

#include <algorithm>

namespace postern {

void Destination::succeeded() {
  --busy_;
  failed_cohorts_ = 0;
  dead_until_ = SteadyTime::min();
  const auto limit = static_cast<double>(settings_.default_destination_concurrency_limit);
  // Growth only counts where the window was in use: an idle destination proves nothing.
  const auto used = static_cast<double>(busy_ + settings_.initial_destination_concurrency);
  if (window_ < used) window_ = std::min(limit, window_ + 1 / std::max(1.0, window_));
}

bool Destination::failed(SteadyTime until, std::string reason) {
  --busy_;
  failed_cohorts_ += 1 / std::max(1.0, window_);
  window_ = std::max(1.0, window_ - 1 / window_);
  if (failed_cohorts_ <
      static_cast<double>(settings_.default_destination_concurrency_failed_cohort_limit)) {
    return false;
  }
  // One probe when it is time; what was learnt about its width is forgotten.
  window_ = 1;
  failed_cohorts_ =
      static_cast<double>(settings_.default_destination_concurrency_failed_cohort_limit);
  dead_until_ = until;
  dead_reason_ = std::move(reason);
  return true;
}

}  // namespace postern
