// timer_wheel.h — the due times of a million messages: setting, clearing and expiry cost O(1).
//
// Six wheels of 64 buckets, each turning 64 times slower than the one below. A timer lies in the
// wheel of the highest digit in which its tick differs from now, and falls one or more wheels when
// that digit is reached: at most five moves in its life. Timers are named by small numbers that
// their owner gives (16 octets each); a timer is a promise to expire not before its tick.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "gateway/base/clock.h"

namespace postern {

class TimerWheel {
 public:
  static constexpr std::uint32_t none = UINT32_MAX;

  explicit TimerWheel(SteadyTime start) : current_(tick_of(start)) {}

  /// Sets or moves a timer. Times in the past expire at the next take().
  void set(std::uint32_t timer, SteadyTime when);
  void clear(std::uint32_t timer);
  bool is_set(std::uint32_t timer) const;
  /// When it will expire, to about 17 ms.
  SteadyTime when(std::uint32_t timer) const;

  /// One timer whose time has come, cleared; or none.
  std::uint32_t take(SteadyTime now);
  /// take() gives nothing before this; max where no timer is set.
  SteadyTime next() const;
  std::size_t size() const { return size_; }

 private:
  // About 17 ms: finer than any retry needs, and a shift instead of a division.
  static constexpr int tick_bits = 24;
  static constexpr int wheels = 6;
  static constexpr std::uint32_t buckets = 64;
  static constexpr std::uint32_t chunk = 4096;

  struct Timer {
    std::uint32_t previous = none, next = none;
    std::uint32_t due = 0;  // the lower half of its tick: at most 2^31 ticks (a year) from now
    std::uint16_t bucket = unset;
  };
  static constexpr std::uint16_t unset = UINT16_MAX;
  static_assert(sizeof(Timer) == 16);

  static std::uint64_t tick_of(SteadyTime when) {
    const auto since = when.time_since_epoch().count();
    return since <= 0 ? 0 : static_cast<std::uint64_t>(since) >> tick_bits;
  }
  static SteadyTime time_of(std::uint64_t tick) {
    return SteadyTime(SteadyTime::duration(static_cast<std::int64_t>(tick << tick_bits)));
  }
  std::uint64_t due_of(const Timer& timer) const;
  Timer& at(std::uint32_t number) { return chunks_[number / chunk][number % chunk]; }
  const Timer& at(std::uint32_t number) const { return chunks_[number / chunk][number % chunk]; }
  void put(std::uint32_t number, std::uint64_t tick);
  void unlink(std::uint32_t number);
  void fall(int wheel);
  void step(std::uint64_t until);

  std::uint64_t current_;  // all ticks before it have expired
  std::vector<std::unique_ptr<Timer[]>> chunks_;
  std::array<std::uint32_t, wheels * buckets> first_ = [] {
    std::array<std::uint32_t, wheels * buckets> all;
    all.fill(none);
    return all;
  }();
  std::array<std::uint64_t, wheels> used_{};  // a bit for each bucket with timers
  std::size_t size_ = 0;
};

}  // namespace postern
