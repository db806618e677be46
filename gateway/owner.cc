#include "gateway/owner.h"

#include <grp.h>
#include <pwd.h>
#include <seccomp.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <memory>

namespace postern {

Result<Owner> find_owner(const std::string& name) {
  if (::geteuid() != 0) return Owner{{::geteuid(), ::getegid()}, false};
  const passwd* entry = ::getpwnam(name.c_str());
  if (!entry) {
    return fail(std::errc::invalid_argument, "mail_owner: there is no user \"" + name +
                                                 "\"; create it (adduser --system --group " + name +
                                                 ") or name another");
  }
  if (entry->pw_uid == 0) return fail(std::errc::invalid_argument, "mail_owner must not be root");
  return Owner{{entry->pw_uid, entry->pw_gid}, true};
}

Result<> prepare_directory(const std::string& path, const Owner& owner) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error)
    return fail(std::errc::io_error,
                "cannot create spool_directory " + path + ": " + error.message());
  if (owner.drop && ::chown(path.c_str(), owner.identity.uid, owner.identity.gid) != 0) {
    return fail_errno("chown " + path);
  }
  if (::chmod(path.c_str(), 0700) != 0 && owner.drop) return fail_errno("chmod " + path);
  return {};
}

namespace {

// A list of what is refused, not of what is allowed: the gateway uses most of what a server uses.
Result<> refuse_system_calls() {
  const std::unique_ptr<void, decltype(&seccomp_release)> filter(seccomp_init(SCMP_ACT_ALLOW),
                                                                 seccomp_release);
  if (!filter) return fail(std::errc::not_enough_memory, "seccomp_init");
  for (const int call :
       {SCMP_SYS(execve), SCMP_SYS(execveat), SCMP_SYS(ptrace), SCMP_SYS(process_vm_writev),
        SCMP_SYS(process_vm_readv), SCMP_SYS(bpf), SCMP_SYS(mount), SCMP_SYS(umount2),
        SCMP_SYS(keyctl), SCMP_SYS(userfaultfd), SCMP_SYS(init_module), SCMP_SYS(finit_module),
        SCMP_SYS(kexec_load), SCMP_SYS(perf_event_open), SCMP_SYS(io_uring_setup)}) {
    if (const int failed = seccomp_rule_add(filter.get(), SCMP_ACT_ERRNO(EPERM), call, 0);
        failed != 0) {
      return fail_errno("seccomp_rule_add", -failed);
    }
  }
  if (const int failed = seccomp_load(filter.get()); failed != 0)
    return fail_errno("seccomp_load", -failed);
  return {};
}

}  // namespace

Result<> become(const Owner& owner) {
  if (owner.drop) {
    const Identity& to = owner.identity;
    if (::setgroups(0, nullptr) != 0 || ::setresgid(to.gid, to.gid, to.gid) != 0 ||
        ::setresuid(to.uid, to.uid, to.uid) != 0) {
      return fail_errno("giving up root");
    }
  }
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return fail_errno("no_new_privs");
  if (owner.drop) TRY(assert_unprivileged());
  return refuse_system_calls();
}

}  // namespace postern
