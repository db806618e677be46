#include "gateway/worker/privileges.h"

#include <grp.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <string>

namespace postern {
namespace {

struct Capabilities {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct sets[2]{};
};

// Without CAP_SETPCAP both calls are refused, and then there is nothing to take away either: the
// assertion at the end judges the result.
void close_ways_back() {
  for (int capability = 0; ::prctl(PR_CAPBSET_READ, capability) >= 0; ++capability) {
    ::prctl(PR_CAPBSET_DROP, capability);
  }
  ::prctl(PR_SET_SECUREBITS, SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_KEEP_CAPS_LOCKED |
                                 SECBIT_NO_CAP_AMBIENT_RAISE | SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED);
}

Result<> drop_capabilities() {
  ::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  Capabilities none;
  if (::syscall(SYS_capset, &none.header, none.sets) != 0) return fail_errno("capset");
  return {};
}

Result<> become(const Identity& identity) {
  if (identity.uid == 0 || identity.gid == 0) {
    return fail(std::errc::invalid_argument, "workers must not run as root; name a user for them");
  }
  // An extra layer, where a container's rules allow it: no interface, not even loopback.
  ::unshare(CLONE_NEWNET);
  ::unshare(CLONE_NEWIPC);
  close_ways_back();
  if (::setgroups(0, nullptr) != 0) return fail_errno("setgroups");
  if (::setresgid(identity.gid, identity.gid, identity.gid) != 0) return fail_errno("setresgid");
  if (::setresuid(identity.uid, identity.uid, identity.uid) != 0) return fail_errno("setresuid");
  return {};
}

}  // namespace

Result<> drop_privileges(const Identity& identity) {
  if (::geteuid() == 0 || ::getuid() == 0) TRY(become(identity));
  TRY(drop_capabilities());
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return fail_errno("no_new_privs");
  return assert_unprivileged();
}

Result<> assert_unprivileged() {
  Capabilities now;
  if (::syscall(SYS_capget, &now.header, now.sets) != 0) return fail_errno("capget");
  for (const auto& set : now.sets) {
    if (set.effective != 0 || set.permitted != 0 || set.inheritable != 0) {
      return fail(std::errc::operation_not_permitted, "capabilities are left over");
    }
  }
  uid_t real = 0;
  uid_t effective = 0;
  uid_t saved = 0;
  if (::getresuid(&real, &effective, &saved) != 0) return fail_errno("getresuid");
  if (real == 0 || effective != real || saved != real) {
    return fail(std::errc::operation_not_permitted, "a worker's uid is root's or not its only one");
  }
  if (::setuid(0) == 0) return fail(std::errc::operation_not_permitted, "setuid(0) succeeded");
  return {};
}

}  // namespace postern
