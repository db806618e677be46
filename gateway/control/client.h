// client.h — the command line's side of the control socket: blocking.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "gateway/base/result.h"

namespace postern {

struct GatewayAnswer {
  std::uint64_t count = 0;
  std::string error, kind;  // empty: it worked
};

struct AnswerReader {
  std::function<void(const std::string&)> line;  // each but the last
  std::function<void(std::string_view)> octets;  // in pieces, as they come
};

/// Sends one request and reads its answer. An error: the gateway does not run, or ended meanwhile.
Result<GatewayAnswer> ask_gateway(const std::string& socket_path, const std::string& request,
                                  const AnswerReader& reader);

}  // namespace postern
