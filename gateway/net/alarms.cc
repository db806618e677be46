#include "gateway/net/alarms.h"

#include <utility>

namespace postern {

Alarm::~Alarm() {
  if (place_ != nowhere) alarms_.remove(*this);
}

void Alarm::set(SteadyTime when) {
  wanted_ = when;
  if (place_ == nowhere) {
    if (when != SteadyTime::max()) alarms_.add(*this, when);
  } else if (when < alarms_.heap_[place_].when) {
    alarms_.heap_[place_].when = when;
    alarms_.rise(place_);
  }
}

bool Alarms::fire(SteadyTime now) {
  bool fired = false;
  for (std::size_t most = heap_.size(); most > 0 && next() <= now; --most) {
    Alarm& alarm = *heap_.front().alarm;
    if (alarm.wanted_ > now && alarm.wanted_ != SteadyTime::max()) {
      heap_.front().when = alarm.wanted_;
      sink(0);
      continue;
    }
    const bool due = alarm.wanted_ <= now;
    alarm.wanted_ = SteadyTime::max();
    remove(alarm);
    if (due) alarm.fire_(alarm.owner_);
    fired |= due;
  }
  return fired;
}

void Alarms::add(Alarm& alarm, SteadyTime when) {
  heap_.push_back({when, &alarm});
  alarm.place_ = heap_.size() - 1;
  rise(alarm.place_);
}

void Alarms::remove(Alarm& alarm) {
  const std::size_t place = std::exchange(alarm.place_, Alarm::nowhere);
  const Entry last = heap_.back();
  heap_.pop_back();
  if (place == heap_.size()) return;
  put(place, last);
  rise(place);
  sink(last.alarm->place_);
}

void Alarms::put(std::size_t place, Entry entry) {
  heap_[place] = entry;
  entry.alarm->place_ = place;
}

void Alarms::rise(std::size_t place) {
  const Entry entry = heap_[place];
  while (place > 0) {
    const std::size_t parent = (place - 1) / 2;
    if (heap_[parent].when <= entry.when) break;
    put(place, heap_[parent]);
    place = parent;
  }
  put(place, entry);
}

void Alarms::sink(std::size_t place) {
  const Entry entry = heap_[place];
  for (;;) {
    std::size_t child = 2 * place + 1;
    if (child >= heap_.size()) break;
    if (child + 1 < heap_.size() && heap_[child + 1].when < heap_[child].when) ++child;
    if (entry.when <= heap_[child].when) break;
    put(place, heap_[child]);
    place = child;
  }
  put(place, entry);
}

}  // namespace postern
