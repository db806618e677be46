// queue_desk.h — what an administrator does with the queue: one request, one answer. README.md has
// the protocol; each command's work is in a file of its own.
#pragma once

#include <string>

#include "gateway/control/desk_parts.h"
#include "gateway/control/queue_request.h"

namespace postern {

class QueueDesk {
 public:
  explicit QueueDesk(const DeskParts& parts) : parts_(parts) {}

  /// Answers one request, the last line with "end": true.
  Task<void> answer(std::string request, DeskAnswer::Send send);

 private:
  Task<Result<std::uint64_t>> run(QueueRequest request, DeskAnswer& answer);
  Task<Result<std::uint64_t>> list(QueueRequest request, DeskAnswer& answer);
  Task<Result<std::uint64_t>> shape(QueueRequest request, DeskAnswer& answer);

  DeskParts parts_;
};

}  // namespace postern
