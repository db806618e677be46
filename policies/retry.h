// retry.h — when to try a deferred message again, and when to give it up.
//
// The time doubles from minimal_backoff_time to maximal_backoff_time, and each wait is stretched or
// shortened by up to a fifth: messages that failed together must not come back together, or a
// destination that returns after an outage meets all of them in the same second.
#pragma once

#include "gateway/base/clock.h"
#include "gateway/base/config.h"

namespace postern {

struct RetrySettings {
  milliseconds minimal_backoff_time = std::chrono::minutes(5);
  milliseconds maximal_backoff_time = seconds(4000);
  milliseconds maximal_queue_lifetime = std::chrono::days(5);
  milliseconds bounce_queue_lifetime = std::chrono::days(5);
  milliseconds queue_run_delay = std::chrono::minutes(5);
};

void describe(RetrySettings& settings, Keys& keys);

enum class MessageKind { mail, bounce };  // a bounce has the null sender

/// The time from now to the next attempt. `attempts`: how many have failed, at least 1. `age`:
/// since the message was accepted. `random`: from [0, 1), drawn anew for each call. A message whose
/// lifetime ends before its turn gets a last attempt at that end.
milliseconds next_attempt(unsigned attempts, milliseconds age, MessageKind kind,
                          const RetrySettings& settings, double random);

/// Whether a message that has just failed again is given up.
bool expired(milliseconds age, MessageKind kind, const RetrySettings& settings);

}  // namespace postern
