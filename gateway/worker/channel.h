// channel.h — octets with descriptors beside them, over Unix sockets.
//
// A descriptor that came unasked is closed here, whatever the caller does: a lying worker cannot
// leave its files in the gateway.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "gateway/base/result.h"
#include "gateway/base/unique_fd.h"

namespace postern {

/// Sends what fits now, with `descriptor` beside the first octet unless it is negative. Nothing:
/// the socket is full. Never raises SIGPIPE.
Result<std::optional<std::size_t>> send_with(int socket, std::string_view octets, int descriptor);

struct Received {
  std::size_t octets = 0;             // 0: the peer has closed
  std::vector<UniqueFd> descriptors;  // close-on-exec
  bool more_descriptors = false;      // than anyone here ever sends; the rest was dropped
};
/// Nothing: there is nothing to read now (a blocking socket waits instead).
Result<std::optional<Received>> receive_with(int socket, std::span<char> into);

/// Both ends close-on-exec; `type` is SOCK_STREAM or SOCK_SEQPACKET.
Result<std::pair<UniqueFd, UniqueFd>> socket_pair(int type);

}  // namespace postern
