// landlock.h — taking the file system (and TCP, and signals) away from ourselves, by system call.
//
// The kernel says which ABI it speaks; the rights that it does not know are left out of the
// request: Debian 12's Linux 6.1 has ABI 2. There is no libc wrapper and headers may be older than
// the kernel, so the numbers stand in the .cc, as linux/landlock.h defines them.
#pragma once

#include <string>

#include "gateway/base/result.h"

namespace postern {

/// The kernel's landlock ABI; 0 where it has none or keeps it from us.
int landlock_abi();

/// From here on this process and its children may touch no file but below `writable` (empty: none
/// at all), where they may read, write, make and remove plain files and directories. Needs
/// no_new_privs. Open descriptors keep what they have. Cannot be undone.
Result<> restrict_files(const std::string& writable);

}  // namespace postern
