#include "gateway/scheduler/timer_wheel.h"

#include <algorithm>
#include <bit>

namespace postern {
namespace {
constexpr int digit_bits = 6;
constexpr std::uint64_t digit_mask = 63;
/// A year and two months: further than any message lives.
constexpr std::uint64_t furthest = (1ULL << 31) - 1;
}  // namespace

std::uint64_t TimerWheel::due_of(const Timer& timer) const {
  // Only the lower half is kept; the nearest tick with these bits is meant.
  const auto ahead = static_cast<std::int32_t>(timer.due - static_cast<std::uint32_t>(current_));
  return current_ + static_cast<std::uint64_t>(static_cast<std::int64_t>(ahead));
}

void TimerWheel::set(std::uint32_t timer, SteadyTime when) {
  while (chunks_.size() * chunk <= timer) chunks_.push_back(std::make_unique<Timer[]>(chunk));
  clear(timer);
  // Rounded up: a timer never expires early.
  const std::uint64_t tick = when == SteadyTime::max() ? UINT64_MAX : tick_of(when) + 1;
  put(timer, std::min(std::max(tick, current_), current_ + furthest));
  ++size_;
}

void TimerWheel::clear(std::uint32_t timer) {
  if (!is_set(timer)) return;
  unlink(timer);
  --size_;
}

bool TimerWheel::is_set(std::uint32_t timer) const {
  return chunks_.size() * chunk > timer && at(timer).bucket != unset;
}

SteadyTime TimerWheel::when(std::uint32_t timer) const {
  return is_set(timer) ? time_of(due_of(at(timer))) : SteadyTime::max();
}

void TimerWheel::put(std::uint32_t number, std::uint64_t tick) {
  const std::uint64_t differing = tick ^ current_;
  const int wheel =
      differing == 0 ? 0 : std::min((63 - std::countl_zero(differing)) / digit_bits, wheels - 1);
  const auto bucket = static_cast<std::uint32_t>(tick >> (wheel * digit_bits) & digit_mask);
  const std::uint32_t place = static_cast<std::uint32_t>(wheel) * buckets + bucket;
  Timer& timer = at(number);
  timer.due = static_cast<std::uint32_t>(tick);
  timer.bucket = static_cast<std::uint16_t>(place);
  timer.previous = none;
  timer.next = first_[place];
  if (timer.next != none) at(timer.next).previous = number;
  first_[place] = number;
  used_[static_cast<std::size_t>(wheel)] |= 1ULL << bucket;
}

void TimerWheel::unlink(std::uint32_t number) {
  Timer& timer = at(number);
  if (timer.next != none) at(timer.next).previous = timer.previous;
  if (timer.previous != none) {
    at(timer.previous).next = timer.next;
  } else {
    first_[timer.bucket] = timer.next;
    if (timer.next == none) used_[timer.bucket / buckets] &= ~(1ULL << timer.bucket % buckets);
  }
  timer.bucket = unset;
}

/// The bucket that a slower wheel has reached is dealt out to the wheels below.
void TimerWheel::fall(int wheel) {
  const auto bucket = static_cast<std::uint32_t>(current_ >> (wheel * digit_bits) & digit_mask);
  const std::uint32_t place = static_cast<std::uint32_t>(wheel) * buckets + bucket;
  while (first_[place] != none) {
    const std::uint32_t number = first_[place];
    const std::uint64_t due = std::max(due_of(at(number)), current_);
    unlink(number);
    put(number, due);
  }
}

/// On to the next tick at which anything can happen, at most to `until`.
void TimerWheel::step(std::uint64_t until) {
  const std::uint64_t position = current_ & digit_mask;
  const std::uint64_t ahead = position == digit_mask ? 0 : used_[0] & (~0ULL << (position + 1));
  const std::uint64_t turn = current_ - position;
  const std::uint64_t next =
      ahead ? turn + static_cast<std::uint64_t>(std::countr_zero(ahead)) : turn + buckets;
  if (next > until) {
    current_ = until;
    return;
  }
  current_ = next;
  if (ahead) return;
  int reached = 1;
  while (reached < wheels - 1 && (current_ >> (reached * digit_bits) & digit_mask) == 0) ++reached;
  for (int wheel = reached; wheel > 0; --wheel) fall(wheel);
}

std::uint32_t TimerWheel::take(SteadyTime now) {
  const std::uint64_t until = tick_of(now);
  for (;;) {
    const std::uint32_t number = first_[current_ & digit_mask];
    if (number != none) {
      unlink(number);
      --size_;
      return number;
    }
    if (current_ >= until) return none;
    if (size_ == 0) {
      current_ = until;
      return none;
    }
    step(until);
  }
}

SteadyTime TimerWheel::next() const {
  for (int wheel = 0; wheel < wheels; ++wheel) {
    const int shift = wheel * digit_bits;
    const std::uint64_t position = current_ >> shift & digit_mask;
    std::uint64_t ahead = used_[static_cast<std::size_t>(wheel)] & (~0ULL << position);
    // The bucket in hand of a slower wheel has already been dealt out.
    if (wheel > 0) ahead &= ~(1ULL << position);
    if (ahead == 0) continue;
    const std::uint64_t turn = (current_ >> shift) - position;
    return time_of((turn + static_cast<std::uint64_t>(std::countr_zero(ahead))) << shift);
  }
  return SteadyTime::max();
}

}  // namespace postern
