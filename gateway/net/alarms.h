// alarms.h — the times at which a loop must act, earliest first.
//
// Most deadlines never come: they move on with every command and end with the connection. So an
// alarm that is moved to a later time keeps its place in the heap and is looked at again when the
// place's time comes; only an earlier time costs a heap operation.
#pragma once

#include <cstddef>
#include <vector>

#include "gateway/base/clock.h"

namespace postern {

class Alarms;

/// One time, owned by whoever waits for it. Its end takes it out of the heap.
class Alarm {
 public:
  /// `fire(owner)` is called on the loop's thread; it may end the alarm.
  Alarm(Alarms& alarms, void* owner, void (*fire)(void* owner))
      : alarms_(alarms), owner_(owner), fire_(fire) {}
  Alarm(const Alarm&) = delete;
  Alarm& operator=(const Alarm&) = delete;
  ~Alarm();

  void set(SteadyTime when);  // SteadyTime::max() = never

 private:
  friend class Alarms;
  static constexpr std::size_t nowhere = static_cast<std::size_t>(-1);

  Alarms& alarms_;
  void* owner_;
  void (*fire_)(void* owner);
  SteadyTime wanted_ = SteadyTime::max();
  std::size_t place_ = nowhere;  // in the heap
};

class Alarms {
 public:
  /// When to look again, or max(). Never too late; it may be too early.
  SteadyTime next() const { return heap_.empty() ? SteadyTime::max() : heap_.front().when; }
  /// Fires what is due at `now`; what is set for then by those who are called waits for the next
  /// time. True when anything fired.
  bool fire(SteadyTime now);

 private:
  friend class Alarm;
  struct Entry {
    SteadyTime when;
    Alarm* alarm;
  };

  void add(Alarm& alarm, SteadyTime when);
  void remove(Alarm& alarm);
  void put(std::size_t place, Entry entry);
  void rise(std::size_t place);
  void sink(std::size_t place);

  std::vector<Entry> heap_;
};

}  // namespace postern
