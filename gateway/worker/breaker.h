// breaker.h — when to start the next worker after crashes.
//
// A single crash is replaced at once: a poison message costs itself and nothing else. More than
// five in a minute are no accident, and forking as fast as workers die would starve the machine:
// from there on each start waits twice as long as the one before, up to half a minute, until a
// minute has passed without that many.
#pragma once

#include <deque>

#include "gateway/base/clock.h"

namespace postern {

class Breaker {
 public:
  void crashed(SteadyTime now);
  /// Starting is delayed: the scanner is degraded.
  bool open(SteadyTime now);
  /// No worker may be started before this.
  SteadyTime next_start() const { return next_start_; }
  /// A new zygote: what the old one's workers did says nothing of the new one's.
  void reset();

 private:
  void forget_old(SteadyTime now);
  std::deque<SteadyTime> crashes_;
  SteadyTime next_start_{};
};

}  // namespace postern
