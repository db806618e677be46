// reactor.h — what stands behind a Loop: epoll, alarms, posts. For the .cc files of this folder.
//
// Few system calls are the aim, since they and the wake-ups are nearly all that relaying a message
// costs: a descriptor is registered once and edge-triggered, its owner remembers what it was told
// (socket.cc); all that is ready is served by one epoll_wait; a post from the loop's own thread is
// a push to a vector, and of posts from others only the first writes to the eventfd, and only
// while the loop sleeps.
#pragma once

#include <sys/epoll.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <list>
#include <mutex>
#include <vector>

#include "gateway/base/result.h"
#include "gateway/base/unique_fd.h"
#include "gateway/net/alarms.h"
#include "gateway/net/loop.h"

namespace postern {

struct Loop::Reactor {
  using Function = std::move_only_function<void()>;
  /// Names a registration. Never used twice, so an event that was fetched for one that has ended
  /// meanwhile meets nobody. 0 names none.
  using Key = std::uint64_t;
  using Ready = void (*)(void* owner, std::uint32_t events);

  Reactor();
  ~Reactor();

  void run();
  void poll();
  void stop();
  void post(Function function);
  void at(SteadyTime when, Function function);

  /// Calls `ready(owner, events)` for events of `fd`; 0 where the kernel refuses.
  Key watch(int fd, std::uint32_t events, void* owner, Ready ready);
  /// Changes what is watched for. Of what is so already, `ready` is told again.
  bool rewatch(Key key, std::uint32_t events);
  /// Forgets the registration, in the kernel too: for descriptors that others close.
  void unwatch(Key key);
  /// Forgets the registration of a descriptor that the caller closes now.
  void forget(Key key);
  bool knows(Key key) const;

  Alarms alarms;

 private:
  struct Slot {
    int fd = -1;
    std::uint32_t generation = 1;
    void* owner = nullptr;
    Ready ready = nullptr;
  };
  struct Once;  // of at()

  static std::uint32_t index_of(Key key) { return static_cast<std::uint32_t>(key); }
  bool control(int operation, int fd, std::uint32_t events, Key key);
  bool turn(bool may_sleep);
  bool run_posted();
  int fall_asleep();
  bool dispatch(int timeout);
  bool take_woken();
  void wake();

  UniqueFd epoll_;
  UniqueFd wake_;
  std::vector<Slot> slots_;
  std::vector<std::uint32_t> free_slots_;
  std::list<Once> once_;

  std::vector<Function> own_;  // posted by this loop's thread
  std::vector<Function> running_;

  std::atomic<bool> stopped_ = false;
  std::mutex mutex_;
  std::vector<Function> others_;  // posted by other threads
  bool asleep_ = false;           // in epoll_wait, or on the way: a post must write to wake_
};

}  // namespace postern
