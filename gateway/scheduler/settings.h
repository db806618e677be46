// settings.h — what an administrator tunes about the queue manager, under Postfix's names.
#pragma once

#include <cstdint>

#include "gateway/base/config.h"

namespace postern {

struct SchedulerSettings {
  std::int64_t initial_destination_concurrency = 5;
  std::int64_t default_destination_concurrency_limit = 20;
  std::int64_t default_destination_concurrency_failed_cohort_limit = 1;
  std::int64_t default_destination_recipient_limit = 50;
  std::int64_t qmgr_message_active_limit = 20000;
  std::uint64_t active_content_limit = 256ULL << 20;
};

void describe(SchedulerSettings& settings, Keys& keys);

}  // namespace postern
