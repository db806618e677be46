// backup_desk.h — `queue.backup`: the spool copied to an empty directory while mail goes on.
#pragma once

#include <cstdint>

#include "gateway/control/desk_parts.h"
#include "gateway/control/queue_request.h"

namespace postern {

/// `to` is the directory: absolute, there already, empty, and the gateway's user may write to it.
/// Takes one file thread for as long as the copy takes. Returns how many messages are in it.
Task<Result<std::uint64_t>> back_up(DeskParts parts, QueueRequest request, DeskAnswer& answer);

}  // namespace postern
