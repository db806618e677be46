// instance_lock.h — one Postern a spool: held by the supervisor before it touches port or queue.
//
// The spool has a lock of its own, taken by the gateway; but by then a second instance would share
// the first one's ports and take clients away from it (fault F06).
#pragma once

#include <string>

#include "gateway/base/result.h"
#include "gateway/base/unique_fd.h"

namespace postern {

/// Holds while the descriptor, or a copy of it in a child, is open. device_or_resource_busy: another
/// one has it, and has kept it for some seconds (one that was killed a moment ago is waited for).
Result<UniqueFd> lock_instance(const std::string& spool_directory);

}  // namespace postern
