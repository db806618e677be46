#include "policies/retry.h"

#include <algorithm>

namespace postern {
namespace {

constexpr double jitter = 0.2;

milliseconds lifetime(MessageKind kind, const RetrySettings& settings) {
  return kind == MessageKind::bounce ? settings.bounce_queue_lifetime
                                     : settings.maximal_queue_lifetime;
}

/// Bounded before each doubling, so that no number of attempts overflows it.
milliseconds doubled(unsigned attempts, const RetrySettings& settings) {
  milliseconds delay = settings.minimal_backoff_time;
  for (unsigned i = 1; i < attempts && delay < settings.maximal_backoff_time; ++i) {
    if (delay <= milliseconds::zero()) return settings.minimal_backoff_time;
    delay = delay > settings.maximal_backoff_time / 2 ? settings.maximal_backoff_time : delay * 2;
  }
  return delay;
}

}  // namespace

void describe(RetrySettings& settings, Keys& keys) {
  const milliseconds day = std::chrono::days(1);
  keys.duration("minimal_backoff_time", settings.minimal_backoff_time, milliseconds(10), day,
                "Shortest time between two attempts. Raise it when retries crowd out fresh mail.");
  keys.duration("maximal_backoff_time", settings.maximal_backoff_time, milliseconds(10), 7 * day,
                "Longest time between two attempts.");
  keys.duration("maximal_queue_lifetime", settings.maximal_queue_lifetime, milliseconds(0),
                100 * day,
                "How long a message is retried before it is returned to its sender. RFC 5321 asks "
                "for four to five days.");
  keys.duration("bounce_queue_lifetime", settings.bounce_queue_lifetime, milliseconds(0), 100 * day,
                "The same for messages with the null sender, which are then dropped.");
  keys.duration("queue_run_delay", settings.queue_run_delay, milliseconds(10), day,
                "How often the queue is looked through for what has expired. Retries do not wait "
                "for it: each has its own time.");
  if (settings.maximal_backoff_time < settings.minimal_backoff_time) {
    keys.problem("maximal_backoff_time",
                 "is shorter than minimal_backoff_time: raise it, or lower the other");
  }
}

milliseconds next_attempt(unsigned attempts, milliseconds age, MessageKind kind,
                          const RetrySettings& settings, double random) {
  const double factor = 1.0 - jitter + 2.0 * jitter * std::clamp(random, 0.0, 1.0);
  const auto delay = milliseconds(static_cast<milliseconds::rep>(
      static_cast<double>(doubled(attempts, settings).count()) * factor));
  const milliseconds left = lifetime(kind, settings) - age;
  if (left <= milliseconds::zero()) return delay;
  return std::min(delay, left);
}

bool expired(milliseconds age, MessageKind kind, const RetrySettings& settings) {
  return age >= lifetime(kind, settings);
}

}  // namespace postern
