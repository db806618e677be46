#include "gateway/instance_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>

#include "gateway/base/clock.h"

namespace postern {
namespace {
/// A killed instance's processes let go when the kernel has ended the last of them.
constexpr seconds patience{3};
}  // namespace

Result<UniqueFd> lock_instance(const std::string& spool_directory) {
  const std::string path = spool_directory + "/instance";
  // The directory belongs to the unprivileged gateway: no link of its making is followed.
  UniqueFd file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file) return fail_errno("open " + path);
  const SteadyTime until = std::chrono::steady_clock::now() + patience;
  while (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR) return fail_errno("lock " + path);
    if (std::chrono::steady_clock::now() > until) {
      return fail(std::errc::device_or_resource_busy,
                  "another Postern serves " + spool_directory +
                      ": stop it first, or give this one a spool_directory of its own");
    }
    ::usleep(50'000);
  }
  return file;
}

}  // namespace postern
