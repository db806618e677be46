// local_service.h — a message handed to a service behind a Unix socket, and the few octets that
// come back: the way of dccifd, and of anything that systemd starts for a connection.
//
// Nothing is parsed and nothing is started here: the service reads the message, at its own risk.
#pragma once

#include <string>

#include "gateway/pipeline/filter.h"

namespace postern {

/// Sends `opening` and the message with our Received field on top, then says that there is no more,
/// and reads to the end: at most `limit` octets, or it is an error. `path` is absolute.
Task<Result<std::string>> ask_local_service(Loop& loop, std::string path, std::string opening,
                                            Message message, std::size_t limit,
                                            SteadyTime deadline);

/// Reads the key of a filter that asks such a service; a problem where it is no absolute path.
void describe_socket(Keys& keys, std::string& path, std::string_view help);

}  // namespace postern
