// due_queue.h — the deferred messages in the order in which they fall due; 16 octets each.
//
// Times are steady: a wall clock that jumps moves nothing (fault F15). An entry may have outlived
// its message (deleted, delivered on request); whoever takes it out asks the spool.
#pragma once

#include <queue>
#include <vector>

#include "gateway/base/clock.h"
#include "gateway/queue/message_id.h"

namespace postern {

class DueQueue {
 public:
  struct Entry {
    SteadyTime due;
    MessageId id;
    bool operator>(const Entry& other) const { return due > other.due; }
  };

  void add(MessageId id, SteadyTime due) { heap_.push({due, id}); }
  bool empty() const { return heap_.empty(); }
  std::size_t size() const { return heap_.size(); }
  SteadyTime next() const { return heap_.empty() ? SteadyTime::max() : heap_.top().due; }

  /// The earliest one that is due at `now`, removed.
  bool take(SteadyTime now, MessageId& id) {
    if (heap_.empty() || heap_.top().due > now) return false;
    id = heap_.top().id;
    heap_.pop();
    return true;
  }

 private:
  std::priority_queue<Entry, std::vector<Entry>, std::greater<>> heap_;
};

}  // namespace postern
