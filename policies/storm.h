// storm.h — what `postern storm` does in a mail storm: the steps of a preset, their measures, and
// the reason of each.
//
// The order is that of doing; undoing is the reverse of it. Parked mail so comes back last, when
// lifetimes are the configured ones again. README.md has the table.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/base/clock.h"
#include "policies/rate.h"
#include "policies/retry.h"

namespace postern {

enum class StormPreset { gentle, brute };
enum class StormStep { park, lifetimes, bounces, clients, inside };

std::string_view name_of(StormPreset preset);
std::string_view name_of(StormStep step);
std::optional<StormPreset> preset_named(std::string_view name);
std::optional<StormStep> step_named(std::string_view name);

struct StormMeasures {
  /// Deferred mail with so many failed attempts is parked, at once and...
  std::uint32_t park_attempts = 0;
  /// ...in each look at the queue while the storm is on; 0: not again.
  std::uint32_t park_later_attempts = 0;
  milliseconds maximal_queue_lifetime{0};
  milliseconds bounce_queue_lifetime{0};
  /// Queued mail with the null sender that was deferred and is older goes for good.
  milliseconds drop_bounces_older{0};
  /// Of clients that are strangers, at most; in a minute, the last two.
  std::int64_t connection_count = 0, connection_rate = 0, message_rate = 0;
  /// A client in mynetworks may bring so many times its usual messages a minute.
  double inside_factor = 0;
};

const StormMeasures& measures_of(StormPreset preset);
/// In the order of doing.
const std::vector<StormStep>& steps_of(StormPreset preset);
bool has_step(StormPreset preset, StormStep step);
/// "what: why", for the administrator, before it is done.
std::string explain(StormStep step, const StormMeasures& measures);

/// The configured values, or the storm's where those are stricter. 0 of a rate is no limit.
RetrySettings shortened(RetrySettings configured, const StormMeasures& measures);
RateSettings tightened(RateSettings configured, const StormMeasures& measures);

/// The beginning of the hold reason of all mail that a storm has parked.
inline constexpr std::string_view parked_prefix = "parked: storm";

}  // namespace postern
