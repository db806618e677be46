#include "gateway/net/loop.h"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include "gateway/net/reactor.h"

namespace postern {

Loop::Loop() : reactor_(std::make_unique<Reactor>()) {}
Loop::~Loop() = default;

// noexcept on purpose: an exception that reaches the loop is our bug, and the process must end
// with a core rather than go on with half a transaction.
void Loop::run() {
  [&]() noexcept { reactor_->io.run(); }();
}

void Loop::poll() {
  reactor_->io.restart();
  reactor_->io.poll();
}

void Loop::stop() { reactor_->io.stop(); }

void Loop::post(std::move_only_function<void()> function) {
  boost::asio::post(reactor_->io, std::move(function));
}

void Loop::at(SteadyTime when, std::move_only_function<void()> function) {
  auto timer = std::make_unique<boost::asio::steady_timer>(reactor_->io, when);
  auto& waiting = *timer;
  waiting.async_wait([timer = std::move(timer), function = std::move(function)](
                         const boost::system::error_code& error) mutable {
    if (!error) function();
  });
}

// `wanted` moves with every set(); `armed` is what Asio knows of. Only an earlier time than the
// armed one reaches Asio; a later one is noticed when the armed time comes.
struct Timer::State : std::enable_shared_from_this<Timer::State> {
  State(Loop& loop, std::move_only_function<void()> function)
      : timer(loop.reactor().io), expired(std::move(function)) {}

  void arm(SteadyTime when) {
    armed = when;
    timer.expires_at(when);
    timer.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
      if (!error) self->fire();
    });
  }

  void fire() {
    armed = SteadyTime::max();
    if (wanted == SteadyTime::max()) return;
    if (std::chrono::steady_clock::now() < wanted) return arm(wanted);
    wanted = SteadyTime::max();
    expired();
  }

  boost::asio::steady_timer timer;
  std::move_only_function<void()> expired;
  SteadyTime wanted = SteadyTime::max();
  SteadyTime armed = SteadyTime::max();
};

Timer::Timer(Loop& loop, std::move_only_function<void()> expired)
    : state_(std::make_shared<State>(loop, std::move(expired))) {}

Timer::~Timer() {
  state_->wanted = SteadyTime::max();
  if (state_->armed != SteadyTime::max()) state_->timer.cancel();
}

void Timer::set(SteadyTime when) {
  state_->wanted = when;
  if (when < state_->armed) state_->arm(when);
}

}  // namespace postern
