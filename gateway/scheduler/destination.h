// destination.h — one next hop: who waits for it, how many may go at once, whether it lives.
//
// The window follows Postfix's feedback: it grows by one for each window of successes and shrinks
// for failures to connect or to be greeted; a 4yz reply to a recipient is no such failure (a
// greylisting host must not look like a dead one). A window that reaches zero is a dead
// destination: it is left alone until `dead_until`, then tried with one delivery.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "gateway/base/clock.h"
#include "gateway/scheduler/settings.h"
#include "policies/route.h"

namespace postern {

struct ActiveMessage;
class Destination;

/// One delivery to come: recipients of one message that share destination and variant.
struct Work {
  std::shared_ptr<ActiveMessage> message;
  Destination* destination;  // lives at least as long as work of it waits or runs
  Route route;
  std::vector<std::uint32_t> recipients;
};

class Destination {
 public:
  Destination(std::string key, const SchedulerSettings& settings)
      : key_(std::move(key)),
        settings_(settings),
        window_(static_cast<double>(settings.initial_destination_concurrency)) {}

  const std::string& key() const { return key_; }
  std::deque<Work>& waiting() { return waiting_; }
  const std::deque<Work>& waiting() const { return waiting_; }
  std::int64_t busy() const { return busy_; }
  std::int64_t window() const { return static_cast<std::int64_t>(window_); }

  bool dead(SteadyTime now) const { return now < dead_until_; }
  SteadyTime dead_until() const { return dead_until_; }
  const std::string& dead_reason() const { return dead_reason_; }
  bool may_start(SteadyTime now) const {
    return !waiting_.empty() && !dead(now) && busy_ < window();
  }

  void started() { ++busy_; }
  /// The delivery reached the next hop, whatever it then said of the recipients.
  void succeeded();
  /// It could not be reached. True when that made it dead until `until`.
  bool failed(SteadyTime until, std::string reason);
  bool idle() const { return busy_ == 0 && waiting_.empty(); }

  bool listed = false;  // the scheduler's: it stands in the ring of ready destinations

 private:
  std::string key_;
  const SchedulerSettings& settings_;
  std::deque<Work> waiting_;
  std::int64_t busy_ = 0;
  double window_;
  double failed_cohorts_ = 0;
  SteadyTime dead_until_ = SteadyTime::min();
  std::string dead_reason_;
};

}  // namespace postern
