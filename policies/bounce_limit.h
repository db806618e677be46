// bounce_limit.h — how many reports to senders may leave, and what becomes of the rest.
//
// The trouble: somebody sends a flood of mail under forged senders, and what of it cannot be
// delivered becomes letters to people who never wrote (backscatter); blocklists list whoever sends
// those. So reports leave at a bounded rate, over all and to each domain.
//
// A report over the rate is not dropped at once: it waits in the queue for its turn, as long as
// that turn comes within bounce_delay_limit. An ordinary mishap (a store that refuses everything
// for an hour) so still tells every sender, only later; of a flood as many wait as leave in that
// time, and the rest is not written. That loss is counted and shows in the log with who was behind
// it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/base/clock.h"
#include "gateway/base/config.h"
#include "policies/heavy_hitters.h"
#include "policies/rate.h"

namespace postern {

struct BounceLimitSettings {
  std::int64_t bounce_rate_limit = 100;
  std::int64_t bounce_domain_rate_limit = 20;
  milliseconds bounce_rate_time_unit = seconds(60);
  milliseconds bounce_delay_limit = std::chrono::hours(1);
  bool operator==(const BounceLimitSettings&) const = default;
};

void describe(BounceLimitSettings& settings, Keys& keys);

/// What a report is about; for finding who is behind a flood of them.
struct BounceCause {
  std::string to_domain;    // where the report would go
  std::string client;       // the address that the failed message came from
  std::string destination;  // the domain of the recipient that failed
};

class BounceLimit {
 public:
  /// A failure may wait for its turn; a report that was only asked for leaves now or never.
  enum class Patience : std::uint8_t { may_wait, now_or_never };

  explicit BounceLimit(const BounceLimitSettings& settings);

  /// How long the report has to wait; nothing: it must not be written. That is counted.
  std::optional<milliseconds> admit(const BounceCause& cause, Patience patience, SteadyTime now);

  struct Suppressed {
    std::uint64_t reports = 0;
    HeavyHitters::Hitter to_domain, client, destination;
  };
  /// What was suppressed since the last time: at once for the first, then once a period.
  std::optional<Suppressed> take_suppressed(SteadyTime now);

  const BounceLimitSettings& settings() const { return settings_; }

 private:
  BounceLimitSettings settings_;
  RateLimiter all_;
  RateLimiter domains_;
  std::uint64_t suppressed_ = 0;
  HeavyHitters to_domains_, clients_, destinations_;
  std::optional<SteadyTime> told_;
};

}  // namespace postern
