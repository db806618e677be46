// scheduler.h — what goes next. Decisions only: no I/O, no clock of its own, no threads.
//
// A message is fresh, active, deferred or held. Active ones are in memory, split into Work by
// destination; deferred ones are a due time and an id; held ones are known to the spool alone.
// The dispatcher (delivery/) feeds it, takes Work from it and tells it what became of that.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "gateway/mail/reply.h"
#include "gateway/queue/envelope.h"
#include "gateway/scheduler/destination.h"
#include "gateway/scheduler/due_queue.h"
#include "gateway/scheduler/settings.h"

namespace postern {

/// What became of one recipient in this attempt.
struct RecipientResult {
  std::uint32_t recipient = 0;
  Reply reply;
  std::string remote;
};

/// A message while an attempt at it is under way.
struct ActiveMessage {
  std::shared_ptr<const Envelope> envelope;
  Content content;              // null until its first delivery reads it back
  std::size_t outstanding = 0;  // Work that waits or runs
  std::vector<RecipientResult> results;
};

class Scheduler {
 public:
  explicit Scheduler(SchedulerSettings settings) : settings_(settings) {}
  Scheduler(const Scheduler&) = delete;

  /// Where a recipient's mail goes; an Error is temporary (a map that cannot be read).
  using Router = std::function<Result<Route>(const QueuedRecipient&)>;

  /// Room in the active queue: for fresh mail up to the limit, for retries up to four fifths.
  bool has_room(bool fresh) const;

  /// Splits the open recipients by destination. Those that cannot be routed get a result at once;
  /// when that leaves no work, the finished message is returned, as finished() would.
  std::shared_ptr<ActiveMessage> activate(std::shared_ptr<const Envelope> envelope, Content content,
                                          const Router& route, SteadyTime now);
  bool is_active(MessageId id) const { return active_.contains(id.value); }

  void defer(MessageId id, SteadyTime due) { deferred_.add(id, due); }
  std::optional<MessageId> take_due(SteadyTime now);
  /// All that is deferred, in the order of its time, no longer deferred (queue flush); dead
  /// destinations get another chance.
  std::vector<MessageId> take_all_deferred();

  /// The next delivery to start, destinations taking turns. It counts as running.
  std::optional<Work> next(SteadyTime now);

  /// One delivery has ended. `reached` as in DeliveryOutcome. Where that killed the destination,
  /// all that waits for it is finished too, as deferred. Returns the messages that have no
  /// outstanding work left: their attempt is over and must be recorded.
  std::vector<std::shared_ptr<ActiveMessage>> finished(Work work,
                                                       std::vector<RecipientResult> results,
                                                       bool reached, SteadyTime now,
                                                       SteadyTime dead_until);

  /// When the next deferred message falls due.
  SteadyTime wake_at() const;

  std::size_t active() const { return active_.size(); }
  std::size_t deferred() const { return deferred_.size(); }
  std::size_t running() const { return running_; }
  const std::unordered_map<std::string, std::unique_ptr<Destination>>& destinations() const {
    return destinations_;
  }

 private:
  Destination& destination(const std::string& key);
  void make_ready(Destination& destination);
  void forget_idle(SteadyTime now);
  bool settle(const std::shared_ptr<ActiveMessage>& message);

  SchedulerSettings settings_;
  std::unordered_map<std::uint64_t, std::uint64_t> active_;  // id -> octets held in memory
  std::uint64_t active_content_ = 0;
  DueQueue deferred_;
  std::unordered_map<std::string, std::unique_ptr<Destination>> destinations_;
  std::deque<Destination*> ready_;  // those with waiting work, in turn; each at most once
  std::size_t running_ = 0;
};

}  // namespace postern
