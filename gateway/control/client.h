// client.h — the command line's side of the control socket: blocking, line by line.
#pragma once

#include <functional>
#include <string>

#include "gateway/base/result.h"

namespace postern {

/// Sends one request and calls `line` for each line of the answer but the last. An error: the
/// gateway does not run, or what it said in "error". Returns its "count".
Result<std::uint64_t> ask_gateway(const std::string& socket_path, const std::string& request,
                                  const std::function<void(const std::string&)>& line);

}  // namespace postern
