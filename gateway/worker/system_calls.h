// system_calls.h — the system calls that a worker has left, by libseccomp.
//
// An allow-list; what is not on it kills the process. Three groups are refused with an error
// instead, since libraries try them lazily and carry on without: opening files in a worker that
// may have none, asking the terminal, and limits. Executable memory kills: rules and expressions
// are compiled before the lock-down.
#pragma once

#include "gateway/base/result.h"

namespace postern {

enum class WorkerProfile : unsigned char {
  scan,  // no files at all
  av,    // libclamav: files, but landlock leaves it one scratch directory
};

/// Takes effect at once and for good. Needs no_new_privs.
Result<> restrict_system_calls(WorkerProfile profile);

/// Whether the kernel takes such a filter with KILL_PROCESS.
bool system_calls_can_be_restricted();

}  // namespace postern
