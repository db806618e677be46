#include "gateway/worker/confine.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <climits>
#include <csignal>
#include <cstdio>

#include "gateway/base/unique_fd.h"
#include "gateway/worker/landlock.h"

namespace postern {
namespace {

// libclamav descends with two descriptors a level, 17 levels by default, and must never be short
// of them (it then calls an archive clean that it did not open); a scan worker needs its channel
// and the message.
constexpr rlim_t descriptors_for_scan = 64;
constexpr rlim_t descriptors_for_av = 256;

Result<> silence_standard_streams() {
  const UniqueFd null(::open("/dev/null", O_RDWR | O_CLOEXEC));
  if (!null) return fail_errno("cannot open /dev/null");
  for (int fd = 0; fd <= 2; ++fd) {
    if (::dup2(null.get(), fd) != fd) return fail_errno("dup2 of /dev/null");
  }
  return {};
}

// Octets of address space in use, from the first number in statm.
Result<std::uint64_t> mapped() {
  const UniqueFd file(::open("/proc/self/statm", O_RDONLY | O_CLOEXEC));
  char text[64] = "";
  if (!file || ::read(file.get(), text, sizeof text - 1) <= 0)
    return fail_errno("/proc/self/statm");
  unsigned long long pages = 0;
  if (std::sscanf(text, "%llu", &pages) != 1) return fail(std::errc::io_error, "/proc/self/statm");
  return pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

Result<> limit(int what, rlim_t value) {
  rlimit now{};
  if (::getrlimit(static_cast<__rlimit_resource>(what), &now) != 0) return fail_errno("getrlimit");
  const rlim_t most = std::min(value, now.rlim_max);
  const rlimit wanted{most, most};
  if (::setrlimit(static_cast<__rlimit_resource>(what), &wanted) != 0)
    return fail_errno("setrlimit");
  return {};
}

Result<> set_limits(const Cage& cage, std::uint64_t in_use) {
  const bool av = cage.profile == WorkerProfile::av;
  TRY(limit(RLIMIT_AS, in_use + cage.memory));
  TRY(limit(RLIMIT_CPU, static_cast<rlim_t>(cage.processor_time.count())));
  TRY(limit(RLIMIT_NOFILE, av ? descriptors_for_av : descriptors_for_scan));
  TRY(limit(RLIMIT_FSIZE, av ? cage.largest_file : 0));
  TRY(limit(RLIMIT_NPROC, 0));
  TRY(limit(RLIMIT_CORE, 0));
  ::signal(SIGXFSZ, SIG_IGN);  // a write error, so that libclamav reports it
  ::signal(SIGPIPE, SIG_IGN);
  return {};
}

// The parent's death is ours. Set after the uid has changed: that clears the setting.
Result<> tie_to_parent(pid_t parent) {
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) return fail_errno("PR_SET_PDEATHSIG");
  if (::getppid() != parent) return fail(std::errc::no_child_process, "the zygote has ended");
  if (::prctl(PR_SET_DUMPABLE, 0) != 0) return fail_errno("PR_SET_DUMPABLE");
  return {};
}

// A layer that fails: an error where it is required, a word in the log where it is not.
Result<> layer(Sandbox sandbox, Result<> outcome, const std::string& name, std::string& level) {
  if (!outcome && sandbox == Sandbox::required) return outcome;
  level += outcome ? " " + name : " no-" + name;
  return {};
}

}  // namespace

Result<> close_all_but(std::vector<int> keep) {
  std::ranges::sort(keep);
  unsigned from = 3;
  for (const int fd : keep) {
    const auto kept = static_cast<unsigned>(fd);
    if (kept > from && ::syscall(SYS_close_range, from, kept - 1, 0) != 0)
      return fail_errno("close_range");
    from = std::max(from, kept + 1);
  }
  if (::syscall(SYS_close_range, from, UINT_MAX, 0) != 0) return fail_errno("close_range");
  return {};
}

Result<std::string> confine(const Cage& cage) {
  const pid_t parent = ::getppid();
  TRY(const std::uint64_t in_use, mapped());
  TRY(silence_standard_streams());
  TRY(close_all_but(cage.keep));
  TRY(drop_privileges({}));
  TRY(tie_to_parent(parent));
  TRY(set_limits(cage, in_use));
  std::string level = "no_new_privs";
  const std::string writable = cage.profile == WorkerProfile::av ? cage.scratch : "";
  TRY(layer(cage.sandbox, restrict_files(writable), "landlock" + std::to_string(landlock_abi()),
            level));
  level += " uid=" + std::to_string(::getuid());
  TRY(layer(cage.sandbox, restrict_system_calls(cage.profile), "seccomp", level));
  return level;
}

Result<> can_confine(Sandbox sandbox) {
  if (sandbox == Sandbox::best_effort) return {};
  if (landlock_abi() <= 0) {
    return fail(std::errc::function_not_supported,
                "the kernel offers no landlock (Linux 5.13 and \"landlock\" in its lsm= list): "
                "enable it, or "
                "set sandbox = \"best-effort\" in [worker]");
  }
  if (!system_calls_can_be_restricted()) {
    return fail(std::errc::function_not_supported,
                "the kernel offers no seccomp filters: enable them, or set sandbox = "
                "\"best-effort\" in [worker]");
  }
  return {};
}

}  // namespace postern
