// settings.h — the [worker] table: how many workers, how long they may take, how tight the cage is.
#pragma once

#include <cstdint>
#include <string>

#include "gateway/base/config.h"

namespace postern {

struct WorkerSettings {
  std::int64_t scan_workers = 0;  // 0 = one a core
  std::int64_t av_workers = 0;
  milliseconds scan_deadline = seconds(30);
  std::int64_t waiting_limit = 1000;
  std::uint64_t memory = 512ULL << 20;
  std::string sandbox = "required";
};
void describe(WorkerSettings& settings, Keys& keys);

}  // namespace postern
