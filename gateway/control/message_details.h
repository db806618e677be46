// message_details.h — all that is known of one message (show), and the message itself (cat).
#pragma once

#include <cstdint>

#include "gateway/control/desk_parts.h"

namespace postern {

/// One line of JSON.
Task<Result<std::uint64_t>> show_message(DeskParts parts, MessageId id, DeskAnswer& answer);
/// The octets as they would be delivered to the first recipient that is still open.
Task<Result<std::uint64_t>> print_message(DeskParts parts, MessageId id, DeskAnswer& answer);

}  // namespace postern
