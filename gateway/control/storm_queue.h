// storm_queue.h — what a storm does to the queue itself: parks, lets go, drops, and ends what was
// parked for too long.
//
// One pass over the spool's memory, on a file thread, finds whom it concerns (eight octets a
// message); they are then changed some hundreds at a time, whose records share a sync, so that
// delivery has its turn in between. Nothing else is written or kept: what is parked is known by its
// hold reason alone.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "gateway/control/desk_parts.h"
#include "policies/retry.h"

namespace postern {

class StormQueue {
 public:
  explicit StormQueue(const DeskParts& parts)
      : parts_(parts), wall_(parts.clock.wall()), steady_(parts.clock.steady()) {}

  /// Each returns how many messages it has changed. A message that leaves the queue meanwhile is
  /// passed over; any other error ends it, and what was changed until then stays changed.
  using Changed = Task<Result<std::uint64_t>>;

  /// Holds what has failed `attempts` times or more and is not just being tried.
  Changed park(std::uint32_t attempts, std::string reason);
  Changed release();
  /// Removes mail with the null sender that was deferred, parked or not, and is older than that, or
  /// whose recipient's domain could not be looked up twice. Each is logged.
  Changed drop_bounces(milliseconds older);
  /// Parked mail older than its lifetime goes the way of all expired mail: its sender is told; the
  /// null sender is not.
  Changed expire(RetrySettings lifetimes);

  /// Parked messages, from memory; for status.
  Task<std::uint64_t> count_parked();

 private:
  using Wanted = std::function<bool(const MessageSummary&)>;
  using Change = std::function<Task<Result<>>(MessageId)>;
  struct Tally {
    std::uint64_t changed = 0;
    std::optional<Error> error;
  };

  Changed change_all(Wanted wanted, Change change);
  Task<void> change_one(MessageId id, const Wanted& wanted, const Change& change, Tally& tally);
  Task<Result<>> drop(MessageId id);
  Task<Result<>> end(MessageId id);
  WallTime now() const;

  DeskParts parts_;
  WallTime wall_;      // when we began, and what
  SteadyTime steady_;  // has passed since then
};

}  // namespace postern
