// backlog.h — the queued messages that are not active: what each waits for, in about 56 octets.
//
// A message waits either for a time (it stands in the wheel alone) or for a turn (it stands in the
// list of its destination, and in the wheel for the day on which somebody must look at it anyway:
// its end of life, or a notice of delay). Moving one costs O(1), moving a whole list too.
#pragma once

#include <cstdint>
#include <optional>

#include "gateway/base/clock.h"
#include "gateway/base/slab.h"
#include "gateway/queue/message_id.h"
#include "gateway/scheduler/id_table.h"
#include "gateway/scheduler/timer_wheel.h"

namespace postern {

/// What the scheduler must know of a message whose envelope is on disk.
struct Queued {
  MessageId id;
  SteadyTime accepted{};  // lifetimes count from here: a wall clock that jumps ends nothing (F15)
  bool fresh = false;     // never tried
  bool null_sender = false;
  bool warned = false;  // the sender has had its notice of delay
};

class Backlog {
 public:
  static constexpr std::uint32_t none = UINT32_MAX;
  /// Messages that wait for the same turn, first come first.
  struct List {
    std::uint32_t first = none, last = none;
    std::size_t count = 0;
    bool empty() const { return count == 0; }
  };

  explicit Backlog(SteadyTime start) : wheel_(start) {}
  Backlog(const Backlog&) = delete;

  /// A message that waits for `due` and for nothing else. Here and below: it is not yet in here.
  void wait_until(const Queued& message, SteadyTime due);
  /// A message that waits in `list`, whose number is `owner`, at most until `alarm`.
  void append(const Queued& message, List& list, std::uint32_t owner, SteadyTime alarm);
  void prepend(const Queued& message, List& list, std::uint32_t owner, SteadyTime alarm);

  /// The first of a list, no longer known here.
  std::optional<Queued> take_first(List& list);

  /// One whose time has come, taken off the wheel. Where it stands in a list the caller removes it
  /// (it alone knows the list): see owner.
  struct Expired {
    std::uint32_t number = none;
    std::uint32_t owner = none;
  };
  std::optional<Expired> take_expired(SteadyTime now);
  /// Forgets it; `list` is the one that it stands in, null for none.
  Queued take(std::uint32_t number, List* list);

  /// The number of a message, or none.
  std::uint32_t find(MessageId id) const;
  /// Whose list it stands in; none for a message that waits for its time.
  std::uint32_t owner(std::uint32_t number) const { return entries_[number].owner; }
  const Queued& message(std::uint32_t number) const { return entries_[number].message; }
  SteadyTime when(std::uint32_t number) const { return wheel_.when(number); }

  /// All that wait for a time are due now.
  void hasten(SteadyTime now);

  SteadyTime next() const { return wheel_.next(); }
  std::size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    Queued message;
    std::uint32_t previous = none, next = none;
    std::uint32_t owner = none;
  };
  static_assert(sizeof(Entry) <= 40);

  std::uint32_t enter(const Queued& message, std::uint32_t owner, SteadyTime when);
  void unlink(std::uint32_t number, List& list);

  struct Entries : Slab<Entry> {
    MessageId id_of(std::uint32_t number) const { return (*this)[number].message.id; }
  };
  Entries entries_;
  IdTable<Entries> ids_{entries_};
  TimerWheel wheel_;
};

}  // namespace postern
