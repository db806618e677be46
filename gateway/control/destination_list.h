// destination_list.h — every next hop that mail waits for or goes to, and how it stands.
#pragma once

#include <cstdint>

#include "gateway/control/desk_parts.h"
#include "gateway/control/queue_request.h"

namespace postern {

/// Those with most mail first; the filter's destination is a glob for the next hop or a name of it.
Task<Result<std::uint64_t>> list_destinations(DeskParts parts, QueueRequest request,
                                              DeskAnswer& answer);

}  // namespace postern
