// destination.h — one next hop, or site: who waits for it, how many may go at once, whether it
// lives.
//
// The window follows Postfix's feedback: it grows with successes and shrinks with failures to
// connect or to be greeted; a 4yz reply to a recipient is no such failure (a greylisting host must
// not look like a dead one). A window that failed as a whole makes the destination dead: what waits
// for it stays where it is, untouched, until `dead_until`; then one delivery probes. When that
// succeeds the window opens from one (slow start); when it fails the next probe comes later.
//
// A host that lives and says 4yz to everybody is not dead, but retrying into it is as useless: its
// retries, and they alone, are slowed down until one recipient is taken.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "gateway/base/clock.h"
#include "gateway/scheduler/backlog.h"
#include "gateway/scheduler/settings.h"
#include "policies/route.h"

namespace postern {

/// Where a message waits for its turn: the destination of all its open recipients, or a common
/// waiting room where they have several.
struct Place {
  std::string key;
  Route::Transport transport = Route::Transport::smtp;
  std::vector<std::string> names;  // by which a [[destination]] table may mean it
  SteadyTime suspended_until = SteadyTime::min();
  std::string reason;  // of the suspension

  static constexpr std::string_view several = "several destinations";
};

struct ActiveMessage;
class Destination;

/// One delivery to come: recipients of one message that share destination and variant.
struct Work {
  std::shared_ptr<ActiveMessage> message;
  Destination* destination;  // lives at least as long as work of it waits or runs
  Route route;
  std::vector<std::uint32_t> recipients;
  bool paid = false;  // it was fetched from disk, and its start was counted then
};

/// Where a destination's next delivery comes from: from memory, or from disk for the first time, or
/// from disk again.
enum class Lane : std::uint8_t { memory, fresh, retry };
constexpr std::size_t lane_count = 3;

/// What an attempt told about a destination (not about a message).
enum class Reached : std::uint8_t {
  no,        // no connection, no greeting
  deferred,  // it answered, and 4yz to all recipients
  took,      // it took or refused at least one recipient for good
};

class Destination {
 public:
  Destination(const Place& place, std::uint32_t number, DestinationLimits limits)
      : key_(place.key),
        transport_(place.transport),
        names_(place.names),
        number_(number),
        limits_(limits),
        window_(static_cast<double>(limits.initial_concurrency)) {}

  const std::string& key() const { return key_; }
  Route::Transport transport() const { return transport_; }
  const std::vector<std::string>& names() const { return names_; }
  std::uint32_t number() const { return number_; }
  const DestinationLimits& limits() const { return limits_; }
  void limit(const DestinationLimits& limits) { limits_ = limits; }

  std::deque<Work>& waiting() { return waiting_; }
  const std::deque<Work>& waiting() const { return waiting_; }
  Backlog::List& list(Lane lane) { return lists_[lane == Lane::retry]; }
  const Backlog::List& list(Lane lane) const { return lists_[lane == Lane::retry]; }
  bool has(Lane lane) const {
    return lane == Lane::memory ? !waiting_.empty() : !list(lane).empty();
  }
  std::size_t queued() const { return waiting_.size() + lists_[0].count + lists_[1].count; }

  std::int64_t busy() const { return busy_; }
  std::int64_t window() const { return static_cast<std::int64_t>(window_); }
  bool dead(SteadyTime now) const { return now < dead_until_; }
  SteadyTime dead_until() const { return dead_until_; }
  const std::string& dead_reason() const { return dead_reason_; }
  /// How often in a row it was found dead.
  unsigned deaths() const { return deaths_; }

  /// When the lane may start its next delivery: `now` or before for at once, a later time for then,
  /// max where that depends on a delivery that runs.
  SteadyTime opens_at(Lane lane, SteadyTime now) const;

  /// A delivery takes its place in the window; a message that is fetched from disk, too.
  void started(Lane lane, SteadyTime now, bool paid = false);
  /// The place of a fetched message goes to the work that came of it, or is free again.
  void fetched() { --busy_; }
  /// A delivery has ended. True when that made the destination dead (until dead_until_if()).
  bool ended(Reached reached, std::int64_t slowest_retries);
  /// Called after ended() said so.
  void bury(SteadyTime until, std::string reason);
  /// An administrator believes that it lives again.
  void revive();

  bool idle() const { return busy_ == 0 && queued() == 0; }

  // The scheduler's.
  std::array<bool, lane_count> listed{};  // it stands in that lane's ring
  SteadyTime wakes_at = SteadyTime::max();
  bool suspension = false;  // a waiting room: when it opens, what waits is placed anew

 private:
  void succeeded();

  std::string key_;
  Route::Transport transport_;
  std::vector<std::string> names_;
  std::uint32_t number_;
  DestinationLimits limits_;
  std::deque<Work> waiting_;
  std::array<Backlog::List, 2> lists_;  // fresh, retry
  std::int64_t busy_ = 0;
  double window_;
  double failed_cohorts_ = 0;
  unsigned deaths_ = 0;
  SteadyTime dead_until_ = SteadyTime::min();
  std::string dead_reason_;
  SteadyTime next_start_ = SteadyTime::min();  // rate_delay
  unsigned deferred_in_a_row_ = 0;
  SteadyTime::duration retry_interval_{0};  // between two retries while all are deferred
  SteadyTime next_retry_ = SteadyTime::min();
};

}  // namespace postern
