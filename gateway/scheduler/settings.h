// settings.h — what an administrator tunes about the queue manager, under Postfix's names.
//
// Limits of a destination come from three places, the narrower first: a [[destination]] table that
// names it, the keys of its transport (smtp_destination_…, lmtp_…, maildir_…),
// default_destination_….
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/base/config.h"
#include "policies/route.h"

namespace postern {

/// By how much a window grows or shrinks for each success or failure: "1", "1/concurrency",
/// "1/sqrt_concurrency", with any number in place of 1.
struct Feedback {
  enum class Per { delivery, concurrency, sqrt_concurrency };
  double amount = 1;
  Per per = Per::delivery;

  double at(double window) const;
  static std::optional<Feedback> parse(std::string_view text);
};

/// What holds for one destination.
struct DestinationLimits {
  std::int64_t initial_concurrency = 5;
  std::int64_t concurrency_limit = 20;
  std::int64_t failed_cohort_limit = 1;
  std::int64_t recipient_limit = 50;
  milliseconds rate_delay{0};
  Feedback positive, negative;
};

/// One transport's own wishes, or a [[destination]]'s. Zero: as the wider ones say.
struct LimitOverrides {
  std::int64_t initial_concurrency = 0, concurrency_limit = 0, recipient_limit = 0;
  milliseconds rate_delay{0};

  void apply(DestinationLimits& limits) const;
};

struct DestinationRule {
  std::vector<std::string> match;  // globs: a domain, the name of an MX host, a next hop
  LimitOverrides limits;
};

struct SchedulerSettings {
  DestinationLimits default_limits;
  LimitOverrides smtp, lmtp, maildir;
  std::vector<DestinationRule> destinations;

  std::int64_t qmgr_message_active_limit = 20000;
  std::int64_t qmgr_message_recipient_limit = 20000;
  std::int64_t qmgr_active_share_limit = 50;  // percent
  std::int64_t default_process_limit = 1000;
  std::int64_t deferring_destination_retry_rate = 10;  // a second; 0: not slowed
  std::uint64_t active_content_limit = 256ULL << 20;

  /// For a destination of that transport which is known under these names.
  DestinationLimits limits_for(Route::Transport transport,
                               const std::vector<std::string>& names) const;
};

void describe(SchedulerSettings& settings, Keys& keys);

}  // namespace postern
