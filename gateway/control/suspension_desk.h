// suspension_desk.h — suspend, resume, suspensions: mail that is told to wait, until when, and why.
//
// In force at once, and kept over a restart: what was in force then is given to the dispatcher
// again before it places the first message.
#pragma once

#include <cstdint>

#include "gateway/control/desk_parts.h"
#include "gateway/control/queue_request.h"

namespace postern {

class SuspensionDesk {
 public:
  explicit SuspensionDesk(const DeskParts& parts) : parts_(parts) {}

  /// Each returns how many suspensions it set, ended or showed.
  Task<Result<std::uint64_t>> suspend(QueueRequest request, DeskAnswer& answer);
  Task<Result<std::uint64_t>> resume(QueueRequest request, DeskAnswer& answer);
  Task<Result<std::uint64_t>> list(QueueRequest request, DeskAnswer& answer);

 private:
  std::vector<Suspension> in_force() const;
  Task<bool> show(const QueueRequest& request, std::vector<Suspension> suspensions,
                  DeskAnswer& answer);
  Task<Result<>> keep();

  DeskParts parts_;
};

}  // namespace postern
