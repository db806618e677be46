// privileges.h — giving up being root, for good and provably.
//
// The trap, measured: with SECBIT_NO_SETUID_FIXUP set before setresuid() the process keeps every
// capability and can become root again, although its uids look right. That bit is never set here;
// and whatever was done, the result is asserted: no capability, no way back to uid 0.
#pragma once

#include <sys/types.h>

#include "gateway/base/result.h"

namespace postern {

/// Whom a zygote and its workers become. Root is not among the answers.
struct Identity {
  uid_t uid = 65534;  // nobody, where the administrator names no user of their own
  gid_t gid = 65534;
};

/// As root: becomes `identity`, without groups and capabilities, in a network namespace of its own
/// where the kernel allows it. As anyone else: stays who it is, without capabilities. Sets
/// no_new_privs. An error means that the process must not go on.
Result<> drop_privileges(const Identity& identity);

/// No capability in any set, uids all equal and not 0, setuid(0) refused.
Result<> assert_unprivileged();

}  // namespace postern
