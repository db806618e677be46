// hand_clock.h — both clocks, moved by the test alone.
#pragma once

#include "gateway/base/clock.h"

namespace postern::test {

class HandClock final : public Clock {
 public:
  WallTime wall() const override { return WallTime(since_); }
  SteadyTime steady() const override { return SteadyTime(since_); }
  void pass(milliseconds time) { since_ += time; }

 private:
  std::chrono::microseconds since_ = std::chrono::hours(1000);
};

}  // namespace postern::test
