#include "gateway/worker/breaker.h"

#include <algorithm>

namespace postern {
namespace {

constexpr seconds window{60};
constexpr std::size_t tolerated = 5;
constexpr milliseconds first_delay{200};
constexpr std::size_t most_doublings = 7;  // 25.6 s

}  // namespace

void Breaker::forget_old(SteadyTime now) {
  while (!crashes_.empty() && crashes_.front() + window <= now) crashes_.pop_front();
}

void Breaker::crashed(SteadyTime now) {
  crashes_.push_back(now);
  forget_old(now);
  if (crashes_.size() <= tolerated) return;
  const std::size_t doublings = std::min(crashes_.size() - tolerated - 1, most_doublings);
  next_start_ = std::max(next_start_, now + first_delay * (1 << doublings));
}

bool Breaker::open(SteadyTime now) {
  forget_old(now);
  return crashes_.size() > tolerated;
}

void Breaker::reset() {
  crashes_.clear();
  next_start_ = {};
}

}  // namespace postern
