#include "gateway/worker/system_calls.h"

#include <fcntl.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <span>
#include <string>

namespace postern {
namespace {

using Filter = std::unique_ptr<void, decltype(&seccomp_release)>;

constexpr const char* both_may[] = {
    "read", "readv", "pread64", "recvmsg", "recvfrom", "write", "writev", "close", "lseek", "fstat",
    "poll", "ppoll",
    // memory; mmap and mprotect have rules of their own
    "brk", "munmap", "mremap", "madvise", "futex",
    // time, chance, and who we are
    "clock_gettime", "clock_getres", "gettimeofday", "time", "clock_nanosleep", "nanosleep",
    "getrandom", "getpid", "gettid", "getuid", "geteuid", "getgid", "getegid", "getrusage", "times",
    "sysinfo", "uname", "sched_yield", "sched_getaffinity", "restart_syscall",
    // signals to ourselves and the end
    "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "sigaltstack", "exit", "exit_group"};

// For tests under sanitizers, whose runtime probes an address by writing from it to a pipe.
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define POSTERN_SANITIZED
#endif
#endif
#ifdef POSTERN_SANITIZED
constexpr const char* sanitizer_may[] = {"pipe", "pipe2"};
#else
constexpr std::span<const char* const> sanitizer_may;
#endif

// What libclamav 1.4 was seen to do in its scratch directory, and its kin on other architectures.
constexpr const char* av_may[] = {
    "open",       "openat",    "creat",      "stat",      "lstat",     "newfstatat", "fstatat64",
    "statx",      "statfs",    "fstatfs",    "access",    "faccessat", "faccessat2", "readlink",
    "readlinkat", "getdents",  "getdents64", "getcwd",    "mkdir",     "mkdirat",    "rmdir",
    "unlink",     "unlinkat",  "rename",     "renameat",  "renameat2", "chmod",      "fchmod",
    "fchmodat",   "ftruncate", "fallocate",  "fsync",     "fdatasync", "pwrite64",   "dup",
    "dup2",       "dup3",      "umask",      "fadvise64", "flock",     "utime",      "utimensat"};

// A library that looks for a file that it can do without (a character table, a time zone).
constexpr const char* scan_is_refused[] = {
    "open",      "openat",     "stat",     "lstat",      "statx",  "statfs",    "access",
    "faccessat", "faccessat2", "readlink", "readlinkat", "getcwd", "getdents64"};

Result<> add(const Filter& filter, std::uint32_t action, std::span<const char* const> names) {
  for (const char* name : names) {
    const int number = seccomp_syscall_resolve_name(name);
    if (number == __NR_SCMP_ERROR) continue;  // libseccomp is older than the call
    const int error = seccomp_rule_add(filter.get(), action, number, 0);
    if (error != 0 && error != -EDOM)
      return fail_errno(std::string("seccomp rule for ") + name, -error);
  }
  return {};
}

// A rule on one argument.
struct Rule {
  const char* name;
  std::uint32_t action;
  scmp_arg_cmp argument;
};

constexpr scmp_arg_cmp is(unsigned argument, scmp_datum_t value) {
  return {argument, SCMP_CMP_EQ, value, 0};
}
constexpr scmp_arg_cmp is_not(unsigned argument, scmp_datum_t value) {
  return {argument, SCMP_CMP_NE, value, 0};
}
constexpr scmp_arg_cmp has(unsigned argument, scmp_datum_t bits) {
  return {argument, SCMP_CMP_MASKED_EQ, bits, bits};
}
constexpr scmp_arg_cmp lacks(unsigned argument, scmp_datum_t bits) {
  return {argument, SCMP_CMP_MASKED_EQ, bits, 0};
}
constexpr std::uint32_t refused(std::uint16_t error) { return SCMP_ACT_ERRNO(error); }

constexpr Rule both_rules[] = {
    {"mmap", SCMP_ACT_ALLOW, lacks(2, PROT_EXEC)},
    {"mprotect", SCMP_ACT_ALLOW, lacks(2, PROT_EXEC)},
    {"fcntl", SCMP_ACT_ALLOW, is(1, F_GETFL)},
    {"fcntl", SCMP_ACT_ALLOW, is(1, F_GETFD)},
    {"fcntl", SCMP_ACT_ALLOW, is(1, F_SETFD)},
    {"fcntl", SCMP_ACT_ALLOW, is(1, F_DUPFD_CLOEXEC)},
    // Limits may be read (by getrlimit and sysconf), never set.
    {"prlimit64", SCMP_ACT_ALLOW, is(2, 0)},
    {"prlimit64", refused(EPERM), is_not(2, 0)},
    // stdio and libclamav ask whether a descriptor is a terminal.
    {"ioctl", refused(ENOTTY), is(1, TCGETS)},
    {"ioctl", SCMP_ACT_ALLOW, is(1, FIONREAD)},
};

// glibc does fstat() as newfstatat(fd, "", …, AT_EMPTY_PATH), so that form must stay; with a name
// in it, landlock would have no say: metadata are not its matter. So the other form is refused.
constexpr Rule scan_rules[] = {
    {"newfstatat", SCMP_ACT_ALLOW, has(3, AT_EMPTY_PATH)},
    {"newfstatat", refused(EACCES), lacks(3, AT_EMPTY_PATH)},
};

Result<> add(const Filter& filter, std::span<const Rule> rules) {
  for (const Rule& rule : rules) {
    const int number = seccomp_syscall_resolve_name(rule.name);
    const int error = seccomp_rule_add_array(filter.get(), rule.action, number, 1, &rule.argument);
    if (error != 0) return fail_errno(std::string("seccomp rule for ") + rule.name, -error);
  }
  return {};
}

Result<> add_profile(const Filter& filter, WorkerProfile profile) {
  if (profile == WorkerProfile::av) return add(filter, SCMP_ACT_ALLOW, av_may);
  TRY(add(filter, refused(EACCES), scan_is_refused));
  return add(filter, scan_rules);
}

}  // namespace

Result<> restrict_system_calls(WorkerProfile profile) {
  const Filter filter(seccomp_init(SCMP_ACT_KILL_PROCESS), seccomp_release);
  if (!filter) return fail(std::errc::not_enough_memory, "seccomp_init");
  seccomp_attr_set(filter.get(), SCMP_FLTATR_CTL_OPTIMIZE, 2);  // a tree: fewer compares a call
  TRY(add(filter, SCMP_ACT_ALLOW, both_may));
  TRY(add(filter, SCMP_ACT_ALLOW, sanitizer_may));
  TRY(add(filter, both_rules));
  // abort() signals itself; so the zygote's log tells a failed assertion from a forbidden call.
  const Rule abort_rule[] = {
      {"tgkill", SCMP_ACT_ALLOW, is(0, static_cast<scmp_datum_t>(::getpid()))}};
  TRY(add(filter, abort_rule));
  TRY(add_profile(filter, profile));
  const int error = seccomp_load(filter.get());
  if (error != 0) return fail_errno("seccomp_load", -error);
  return {};
}

bool system_calls_can_be_restricted() {
  const std::uint32_t action = SECCOMP_RET_KILL_PROCESS;
  return ::syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0;
}

}  // namespace postern
