// scheduler.h — what goes next. Decisions only: no I/O, no clock of its own, no threads.
//
// A message is active (in memory, split into Work by destination), in the backlog (an id that waits
// for its time or for its destination's turn), or held (known to the spool alone). Nothing here
// looks through the queue: a due message costs O(1), and one whose destination is dead costs
// nothing until that answers.
//
// The dispatcher (delivery/) feeds it, takes Work and Fetch from it and tells it what became of
// them.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <queue>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "gateway/mail/handover.h"
#include "gateway/mail/reply.h"
#include "gateway/queue/envelope.h"
#include "gateway/scheduler/backlog.h"
#include "gateway/scheduler/destination.h"
#include "gateway/scheduler/settings.h"
#include "gateway/scheduler/shares.h"
#include "policies/retry.h"

namespace postern {

/// What became of one recipient in this attempt.
struct RecipientResult {
  std::uint32_t recipient = 0;
  Reply reply;
  std::string remote;
  Handover handover = Handover::passed_on;  // where the reply is positive
};

/// A message while an attempt at it is under way.
struct ActiveMessage {
  std::shared_ptr<const Envelope> envelope;
  Content content;  // null until its first delivery reads it back
  Queued queued;
  std::string destination;      // where all of it goes; "" = to several
  std::size_t outstanding = 0;  // Work that waits or runs
  std::vector<RecipientResult> results;
};

/// Where a message stands, for people.
struct Whereabouts {
  enum class State : std::uint8_t { unknown, active, turn, time } state = State::unknown;
  SteadyTime next = SteadyTime::max();  // when something will happen; max: as soon as there is room
  std::string reason;                   // why it waits for its turn, where that has a reason
};

class Scheduler {
 public:
  explicit Scheduler(SteadyTime start) : backlog_(start) {}
  Scheduler(const Scheduler&) = delete;

  /// New settings. What waits for its turn on disk is placed anew, since routes, limits and
  /// lifetimes may have changed.
  void configure(SchedulerSettings settings, const RetrySettings& retry,
                 milliseconds delay_warning_time);

  // ---- Into the backlog.

  /// Its next attempt is not before `due`.
  void wait_until(const Queued& message, SteadyTime due) { backlog_.wait_until(message, due); }
  /// Its turn comes, as soon as somebody has said where it goes (take_due).
  void place_later(const Queued& message) {
    backlog_.append(message, unplaced_, unplaced, SteadyTime::max());
  }
  /// It waits for its destination.
  void place(const Queued& message, const Place& where, SteadyTime now);

  /// A message to be placed, or whose end of life or notice of delay has come (`alarm`); no longer
  /// in the backlog.
  struct Due {
    Queued message;
    bool alarm = false;
  };
  std::optional<Due> take_due(SteadyTime now);
  /// Takes a message out of the backlog: it was deleted or held, or is to be tried now.
  std::optional<Queued> forget(MessageId id);
  /// Where it waits for a dead destination, that gets another chance.
  void revive_destination_of(MessageId id);
  /// All that waits for a time is due, and dead destinations get another chance (queue flush).
  void flush(SteadyTime now);
  /// What waits for its turn is placed anew, work in memory included: a suspension has begun or
  /// ended.
  void place_all_anew();
  /// The same for one destination's backlog: its site has become known.
  void place_anew(const std::string& key);

  // ---- Into the active queue.

  /// Where a recipient's mail goes and to which destination that belongs; an Error is temporary (a
  /// map that cannot be read).
  struct Destined {
    Route route;
    Place destination;
  };
  using Router = std::function<Result<Destined>(const Envelope&, const QueuedRecipient&)>;

  /// Whether a fresh message may become active at once instead of waiting for its turn on disk:
  /// there is room, its destination lives and nobody waits for it, and nobody's share grows too
  /// large.
  bool admits(const Envelope& envelope, const Place& where, SteadyTime now) const;

  /// Splits the open recipients by destination. Those that cannot be routed get a result at once,
  /// and so do those whose destination is dead; but a message that goes to nothing but a dead
  /// destination waits for its turn again, unless it is `last_call`: its alarm has come. When no
  /// work is left, the finished message is returned, as finished() would.
  std::shared_ptr<ActiveMessage> activate(std::shared_ptr<const Envelope> envelope, Content content,
                                          const Queued& queued, const Router& route, bool last_call,
                                          SteadyTime now);
  bool is_active(MessageId id) const { return active_.contains(id.value); }

  // ---- Out of it.

  /// A message to be read from disk and activated. It holds a place in its destination's window
  /// until fetched() is called: after activate(), or when there was nothing to activate.
  struct Fetch {
    Queued message;
    std::uint32_t destination = 0;
  };
  struct Next {
    std::optional<Work> work;
    std::optional<Fetch> fetch;
  };
  /// The next thing to start; it counts as running. Destinations take turns, and every fifth turn
  /// is the retries'.
  std::optional<Next> next(SteadyTime now);
  void fetched(const Fetch& fetch);

  /// One delivery has ended. `random`, from [0, 1), spreads the probes of dead destinations.
  /// Returns the messages that have no outstanding work left: their attempt is over and must be
  /// recorded.
  std::vector<std::shared_ptr<ActiveMessage>> finished(Work work,
                                                       std::vector<RecipientResult> results,
                                                       bool reached, SteadyTime now, double random);

  /// When next() or take_due() has something new; what waits for room is not in it.
  SteadyTime wake_at() const;

  // ---- To be looked at.

  Whereabouts where(MessageId id, SteadyTime now) const;
  std::size_t active() const { return active_.size(); }
  std::size_t backlog() const { return backlog_.size(); }
  std::size_t running() const { return running_; }
  /// Null where the number is not in use.
  const Destination* destination(std::uint32_t number) const { return destinations_[number].get(); }
  std::uint32_t destination_bound() const {
    return static_cast<std::uint32_t>(destinations_.size());
  }
  const SchedulerSettings& settings() const { return settings_; }

 private:
  static constexpr std::uint32_t unplaced = UINT32_MAX - 1;  // owner of unplaced_

  struct Held {  // an active message's claim
    std::uint64_t octets = 0;
    std::size_t recipients = 0;
  };
  struct WakeUp {
    SteadyTime at;
    std::uint32_t destination;
    bool operator>(const WakeUp& other) const { return at > other.at; }
  };

  bool has_room(Lane lane) const;
  bool has_slot(Lane lane) const;
  SteadyTime alarm_of(const Queued& message) const;
  Destination& destination(const Place& where, SteadyTime now);
  void suspend(Destination& waiting_room, const Place& where);
  void offer(Destination& destination);
  void wake_later(Destination& destination, SteadyTime at);
  void wake(SteadyTime now);
  std::optional<Next> next_in(Lane lane, SteadyTime now);
  Next take(Destination& destination, Lane lane, SteadyTime now);
  void add_work(const std::shared_ptr<ActiveMessage>& message, Destination& to, const Route& route,
                std::span<const std::uint32_t> recipients);
  bool settle(const ActiveMessage& message);
  void bury(Destination& destination, std::string reason, SteadyTime now, double random);
  std::vector<std::shared_ptr<ActiveMessage>> park_waiting(Destination& destination);
  void unplace(Destination& destination);
  void forget_idle(SteadyTime now);

  SchedulerSettings settings_;
  RetrySettings retry_;
  milliseconds delay_warning_time_{0};

  Backlog backlog_;
  Backlog::List unplaced_;
  std::unordered_map<std::uint64_t, Held> active_;  // by id
  std::uint64_t active_content_ = 0;
  std::size_t active_recipients_ = 0;
  Shares shares_;

  std::unordered_map<std::string, std::uint32_t> numbers_;
  std::vector<std::unique_ptr<Destination>> destinations_;
  std::vector<std::uint32_t> free_numbers_;
  std::array<std::deque<std::uint32_t>, lane_count> rings_;  // each destination at most once
  std::priority_queue<WakeUp, std::vector<WakeUp>, std::greater<>> wake_ups_;
  std::size_t forget_above_ = 4096;  // destinations
  unsigned turn_ = 0;
  std::size_t running_ = 0, running_retries_ = 0, fetching_ = 0;
};

}  // namespace postern
