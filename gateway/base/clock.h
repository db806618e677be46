// clock.h — the time, as an interface, so that tests own it.
//
// `wall` is for people and for what must survive a restart; it can jump. `steady` is for waiting
// and for retry decisions; it never does (fault F15: a clock set back must not expire the queue).
#pragma once

#include <chrono>

namespace postern {

using WallTime = std::chrono::sys_time<std::chrono::microseconds>;
using SteadyTime = std::chrono::steady_clock::time_point;
using std::chrono::milliseconds;
using std::chrono::seconds;

class Clock {
 public:
  virtual ~Clock() = default;
  virtual WallTime wall() const = 0;
  virtual SteadyTime steady() const = 0;
};

class SystemClock final : public Clock {
 public:
  WallTime wall() const override {
    return std::chrono::time_point_cast<std::chrono::microseconds>(
        std::chrono::system_clock::now());
  }
  SteadyTime steady() const override { return std::chrono::steady_clock::now(); }
};

}  // namespace postern
