// queue_request.h — one request to the desk, read from its line of JSON.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "gateway/control/queue_filter.h"

namespace postern {

struct QueueRequest {
  std::string command;  // "list", without "queue."
  QueueFilter filter;
  std::string why;           // hold, bounce, suspend
  std::string to;            // reroute: a route, or "tables"; backup: a directory
  milliseconds duration{0};  // suspend
  std::string by;            // shape
  std::size_t top = 20;      // shape
  bool dry_run = false;
  bool table = false;  // rows for people; otherwise JSON lines
};

/// Refuses other versions, and keys that it does not know: a misspelt filter that is overlooked
/// would mean the whole queue.
Result<QueueRequest> parse_queue_request(std::string_view line);

}  // namespace postern
