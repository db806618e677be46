#include "gateway/net/loop.h"

#include "gateway/net/reactor.h"

namespace postern {

Loop::Loop() : reactor_(std::make_unique<Reactor>()) {}
Loop::~Loop() = default;

// noexcept on purpose: an exception that reaches the loop is our bug, and the process must end
// with a core rather than go on with half a transaction.
void Loop::run() {
  [&]() noexcept { reactor_->run(); }();
}

void Loop::poll() { reactor_->poll(); }
void Loop::stop() { reactor_->stop(); }

void Loop::post(std::move_only_function<void()> function) { reactor_->post(std::move(function)); }

void Loop::at(SteadyTime when, std::move_only_function<void()> function) {
  reactor_->at(when, std::move(function));
}

// Shared, since what it calls may end the timer.
struct Timer::State : std::enable_shared_from_this<Timer::State> {
  State(Loop& loop, std::move_only_function<void()> function)
      : alarm(loop.reactor().alarms, this, [](void* self) { static_cast<State*>(self)->fire(); }),
        expired(std::move(function)) {}

  void fire() {
    const auto self = shared_from_this();
    expired();
  }

  Alarm alarm;
  std::move_only_function<void()> expired;
};

Timer::Timer(Loop& loop, std::move_only_function<void()> expired)
    : state_(std::make_shared<State>(loop, std::move(expired))) {}

Timer::~Timer() = default;

void Timer::set(SteadyTime when) { state_->alarm.set(when); }

}  // namespace postern
