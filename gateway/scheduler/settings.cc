#include "gateway/scheduler/settings.h"

namespace postern {

void describe(SchedulerSettings& s, Keys& keys) {
  keys.integer(
      "initial_destination_concurrency", s.initial_destination_concurrency, 1, 1000,
      "Connections to a destination that we begin with, before it has shown what it bears.");
  keys.integer(
      "default_destination_concurrency_limit", s.default_destination_concurrency_limit, 1, 10000,
      "Most deliveries at once to one destination. Lower it when a store or provider complains "
      "of too many connections.");
  keys.integer(
      "default_destination_concurrency_failed_cohort_limit",
      s.default_destination_concurrency_failed_cohort_limit, 1, 100,
      "How many whole windows of failed connections it takes until a destination counts as dead "
      "and is left alone for minimal_backoff_time.");
  keys.integer("default_destination_recipient_limit", s.default_destination_recipient_limit, 1,
               10000, "Most recipients in one delivery; a message with more is sent in pieces.");
  keys.integer(
      "qmgr_message_active_limit", s.qmgr_message_active_limit, 10, 1000000,
      "Messages that are prepared for delivery at once. A fifth of it is kept for fresh mail, so "
      "that retries cannot crowd it out.");
  keys.size("active_content_limit", s.active_content_limit, 1 << 20, 1ULL << 40,
            "Octets of message content kept in memory for delivery; beyond it messages wait on "
            "disk and are "
            "read back when their turn comes.");
}

}  // namespace postern
