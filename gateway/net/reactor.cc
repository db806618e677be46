#include "gateway/net/reactor.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <system_error>

namespace postern {
namespace {

// More that is ready is fetched by the next call; so many amortise it.
constexpr int most_events = 256;
constexpr Loop::Reactor::Key of_wake = 0;

// Whose turn runs on this thread.
thread_local Loop::Reactor* running_here = nullptr;

class RunningHere {
 public:
  explicit RunningHere(Loop::Reactor* reactor) : before_(std::exchange(running_here, reactor)) {}
  RunningHere(const RunningHere&) = delete;
  RunningHere& operator=(const RunningHere&) = delete;
  ~RunningHere() { running_here = before_; }

 private:
  Loop::Reactor* before_;
};

}  // namespace

struct Loop::Reactor::Once {
  Once(Alarms& alarms, Function then)
      : alarm(alarms, this, [](void* self) { static_cast<Once*>(self)->fire(); }),
        function(std::move(then)) {}

  void fire() {
    const Function then = std::move(function);
    all->erase(self);
    const_cast<Function&>(then)();
  }

  Alarm alarm;
  Function function;
  std::list<Once>* all = nullptr;
  std::list<Once>::iterator self;
};

Loop::Reactor::Reactor()
    : epoll_(::epoll_create1(EPOLL_CLOEXEC)), wake_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  // Edge-triggered: each write is told once, and nobody need read.
  if (!epoll_ || !wake_ || !control(EPOLL_CTL_ADD, wake_.get(), EPOLLIN | EPOLLET, of_wake)) {
    throw std::system_error(errno, std::generic_category(), "cannot set up a loop");
  }
}

Loop::Reactor::~Reactor() = default;

void Loop::Reactor::run() {
  const RunningHere here(this);
  while (!stopped_.load(std::memory_order_relaxed)) turn(true);
}

void Loop::Reactor::poll() {
  const RunningHere here(this);
  stopped_ = false;
  while (turn(false) && !stopped_) continue;
}

void Loop::Reactor::stop() {
  stopped_ = true;
  if (take_woken()) wake();
}

void Loop::Reactor::post(Function function) {
  if (running_here == this) {
    own_.push_back(std::move(function));
    return;
  }
  bool sleeps = false;
  {
    const std::lock_guard lock(mutex_);
    others_.push_back(std::move(function));
    sleeps = std::exchange(asleep_, false);
  }
  if (sleeps) wake();
}

void Loop::Reactor::at(SteadyTime when, Function function) {
  Once& once = once_.emplace_back(alarms, std::move(function));
  once.all = &once_;
  once.self = std::prev(once_.end());
  once.alarm.set(when);
}

bool Loop::Reactor::take_woken() {
  const std::lock_guard lock(mutex_);
  return std::exchange(asleep_, false);
}

// The counter cannot be full, as nobody writes while the loop is awake; and were it, the loop
// would be awake.
void Loop::Reactor::wake() {
  const std::uint64_t one = 1;
  static_cast<void>(!::write(wake_.get(), &one, sizeof one));
}

Loop::Reactor::Key Loop::Reactor::watch(int fd, std::uint32_t events, void* owner, Ready ready) {
  if (free_slots_.empty()) {
    slots_.emplace_back();
    free_slots_.push_back(static_cast<std::uint32_t>(slots_.size() - 1));
  }
  const std::uint32_t index = free_slots_.back();
  Slot& slot = slots_[index];
  const Key key = Key{slot.generation} << 32 | index;
  if (!control(EPOLL_CTL_ADD, fd, events, key)) return 0;
  free_slots_.pop_back();
  slot.fd = fd;
  slot.owner = owner;
  slot.ready = ready;
  return key;
}

bool Loop::Reactor::rewatch(Key key, std::uint32_t events) {
  return knows(key) && control(EPOLL_CTL_MOD, slots_[index_of(key)].fd, events, key);
}

void Loop::Reactor::unwatch(Key key) {
  if (!knows(key)) return;
  control(EPOLL_CTL_DEL, slots_[index_of(key)].fd, 0, key);
  forget(key);
}

void Loop::Reactor::forget(Key key) {
  if (!knows(key)) return;
  Slot& slot = slots_[index_of(key)];
  slot.ready = nullptr;
  // A slot whose numbers are used up is not used again; 0 is no generation.
  if (++slot.generation != 0) free_slots_.push_back(index_of(key));
}

bool Loop::Reactor::knows(Key key) const {
  return key != 0 && slots_[index_of(key)].generation == key >> 32;
}

bool Loop::Reactor::control(int operation, int fd, std::uint32_t events, Key key) {
  epoll_event event{};
  event.events = events;
  event.data.u64 = key;
  return ::epoll_ctl(epoll_.get(), operation, fd, &event) == 0;
}

/// Serves what is ready; true when there was anything.
bool Loop::Reactor::turn(bool may_sleep) {
  bool busy = run_posted();
  if (stopped_.load(std::memory_order_relaxed)) return busy;
  busy |= dispatch(may_sleep ? fall_asleep() : 0);
  if (alarms.next() != SteadyTime::max()) busy |= alarms.fire(std::chrono::steady_clock::now());
  return busy;
}

bool Loop::Reactor::run_posted() {
  running_.swap(own_);
  {
    const std::lock_guard lock(mutex_);
    if (running_.empty()) {
      running_.swap(others_);
    } else {
      for (Function& function : others_) running_.push_back(std::move(function));
      others_.clear();
    }
  }
  const bool any = !running_.empty();
  for (Function& function : running_) std::exchange(function, nullptr)();
  running_.clear();
  return any;
}

/// How long epoll_wait may take, in milliseconds. From here on a post writes to the eventfd.
int Loop::Reactor::fall_asleep() {
  if (!own_.empty()) return 0;
  int timeout = -1;
  if (const SteadyTime next = alarms.next(); next != SteadyTime::max()) {
    const auto left = std::chrono::ceil<milliseconds>(next - std::chrono::steady_clock::now());
    if (left.count() <= 0) return 0;
    timeout = static_cast<int>(std::min<milliseconds::rep>(left.count(), INT_MAX));
  }
  const std::lock_guard lock(mutex_);
  if (!others_.empty() || stopped_) return 0;
  asleep_ = true;
  return timeout;
}

bool Loop::Reactor::dispatch(int timeout) {
  std::array<epoll_event, most_events> events;
  const int count = ::epoll_wait(epoll_.get(), events.data(), most_events, timeout);
  if (timeout != 0) take_woken();
  for (int i = 0; i < count; ++i) {
    const Key key = events[static_cast<std::size_t>(i)].data.u64;
    if (key == of_wake || !knows(key)) continue;
    const Slot slot = slots_[index_of(key)];
    slot.ready(slot.owner, events[static_cast<std::size_t>(i)].events);
  }
  return count > 0;
}

}  // namespace postern
