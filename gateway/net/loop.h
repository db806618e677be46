// loop.h — the reactor: one loop is one thread; everything on it runs one after another.
//
// Behind this header stands our own small reactor (reactor.h); no other folder sees it. All
// functions but post() and stop() belong to the loop's own thread.
#pragma once

#include <coroutine>
#include <functional>
#include <memory>

#include "gateway/base/clock.h"
#include "gateway/net/task.h"

namespace postern {

class Loop {
 public:
  Loop();
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  /// Runs until stop(). Handlers that throw end the process: they are ours.
  void run();
  /// Runs what is ready and returns; for tests.
  void poll();
  void stop();  // from any thread

  /// Runs `function` on the loop's thread, soon. From any thread.
  void post(std::move_only_function<void()> function);

  /// The time, for deadlines.
  SteadyTime now() const { return std::chrono::steady_clock::now(); }

  /// co_await loop.sleep_until(t): resumes on this loop at `t` or just after.
  auto sleep_until(SteadyTime when) {
    struct Awaiter {
      Loop& loop;
      SteadyTime when;
      bool await_ready() const noexcept { return false; }
      void await_suspend(std::coroutine_handle<> awaiting) const {
        loop.at(when, [awaiting] { awaiting.resume(); });
      }
      void await_resume() const noexcept {}
    };
    return Awaiter{*this, when};
  }

  /// A timer that cannot be called off; see Timer for one that can.
  void at(SteadyTime when, std::move_only_function<void()> function);

  struct Reactor;  // for net/*.cc only
  Reactor& reactor() { return *reactor_; }

 private:
  std::unique_ptr<Reactor> reactor_;
};

/// A timer that is set again and again and seldom fires: setting it later than it already stands
/// costs a store, no system call and no heap operation.
class Timer {
 public:
  Timer(Loop& loop, std::move_only_function<void()> expired);
  ~Timer();
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  void set(SteadyTime when);  // SteadyTime::max() = never
  void clear() { set(SteadyTime::max()); }

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace postern
