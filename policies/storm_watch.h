// storm_watch.h — sees a mail storm begin and end, and names who is at its root.
//
// Counted are arrivals and failures: messages that failed at their first attempt for now (deferred)
// or for good (bounced). Retries are not counted, so that a large queue is no storm: a storm is new
// mail that cannot be delivered. It is suspected when failures in a minute reach `suspect_rate`,
// four times what is usual, and a tenth of the arrivals.
//
// The root is the client, sender or destination whose part of the failures has grown most over its
// usual part of the arrivals: behind one relay that brings all mail, the sender tells more than the
// client. Fixed memory (heavy_hitters.h). Lives on one loop.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "gateway/base/clock.h"
#include "gateway/base/config.h"
#include "policies/heavy_hitters.h"
#include "policies/usual_rates.h"

namespace postern {

struct StormSettings {
  std::int64_t storm_suspect_rate = 300;  // failures a minute; 0: never suspected
};
void describe(StormSettings& settings, Keys& keys);

struct StormAlarm {
  enum class What { begins, ends } what = What::begins;
  enum class Root { none, client, sender, destination } root = Root::none;
  std::string name;       // of the root; empty sender: the null sender
  double part = 0;        // of the failures that are the root's
  double per_minute = 0;  // failures, now
  double usual = 0;       // before
  std::string remedy;     // a command that helps, safe to be pasted into a shell
};

class StormWatch {
 public:
  StormWatch(StormSettings settings, SteadyTime start);

  /// Of one message and recipient. `destination` is the domain.
  struct Seen {
    std::string_view client, sender, destination;
  };
  void arrived(const Seen& message, SteadyTime now);
  void deferred(const Seen& message, SteadyTime now);
  void bounced(const Seen& message, SteadyTime now);

  void configure(StormSettings settings) { settings_ = settings; }
  /// To be called every ten seconds or so. An alarm is given once when a storm begins, and once
  /// when failures have been below half of what raised it for five minutes.
  std::optional<StormAlarm> tick(SteadyTime now);
  bool suspected() const { return suspected_; }

  struct Rates {  // in the last minute
    double arrived = 0, deferred = 0, bounced = 0;
  };
  Rates rates(SteadyTime now);
  /// What arrivals have taught of each client; thread-safe.
  UsualRates& usual() { return usual_rates_; }

 private:
  /// Events in the last minute, to within what RecentHitters leaves open.
  struct Count {
    std::uint64_t present = 0, previous = 0;
    SteadyTime begun{};
    void add(SteadyTime now);
    double recent(SteadyTime now);
    void turn(SteadyTime now);
  };
  struct Dimension {
    RecentHitters failures, arrivals;
    explicit Dimension(SteadyTime start);
  };

  void failed(const Seen& message, SteadyTime now);
  StormAlarm find_root(SteadyTime now);
  void learn(double failures, SteadyTime now);

  StormSettings settings_;
  UsualRates usual_rates_;
  Dimension clients_, senders_, destinations_;
  Count arrived_, deferred_, bounced_;
  double usual_ = 0;  // failures a minute, over about an hour
  SteadyTime learnt_;
  bool suspected_ = false;
  double raised_at_ = 0;
  SteadyTime calm_since_ = SteadyTime::max();
};

}  // namespace postern
