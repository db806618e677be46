#include "gateway/worker/selftest.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "gateway/worker/channel.h"

namespace postern {
namespace {

constexpr int exit_escaped = 10;
constexpr int exit_refused = 20;
constexpr int exit_not_confined = 30;

// Everything in it belongs to the identity of the attempts, so that only the cage can refuse.
class Playground {
 public:
  explicit Playground(const Identity& identity) {
    if (::mkdtemp(base_.data()) == nullptr) return;
    const int fd = ::open((base_ + "/file").c_str(), O_RDWR | O_CREAT | O_EXCL, 0644);
    around_.readable = fd;
    around_.writable = ::dup(fd);
    if (::write(fd, "x", 1) != 1) return;
    ::lseek(fd, 0, SEEK_SET);
    around_.outside = base_ + "/outside";
    around_.scratch = base_ + "/scratch";
    for (const std::string& directory : {around_.outside, around_.scratch}) {
      ::mkdir(directory.c_str(), 0700);
      const int file = ::open((directory + "/file").c_str(), O_RDWR | O_CREAT | O_EXCL, 0644);
      ::close(file);
    }
    ::mkdir((around_.outside + "/empty").c_str(), 0700);
    if (::geteuid() != 0) return;
    for (const char* name : {"", "/file", "/outside", "/outside/file", "/outside/empty", "/scratch",
                             "/scratch/file"}) {
      if (::chown((base_ + name).c_str(), identity.uid, identity.gid) != 0) return;
    }
  }
  ~Playground() {
    ::close(around_.readable);
    ::close(around_.writable);
    std::error_code ignored;
    std::filesystem::remove_all(base_, ignored);
  }
  Playground(const Playground&) = delete;
  Playground& operator=(const Playground&) = delete;

  Surroundings around() const { return around_; }

 private:
  std::string base_ = "/tmp/postern-selftest-XXXXXX";
  Surroundings around_;
};

Result<> enter_cage(WorkerProfile profile, const Identity& identity, const Surroundings& around) {
  TRY(drop_privileges(identity));
  Cage cage;
  cage.profile = profile;
  cage.scratch = around.scratch;
  cage.keep = {around.channel};
  TRY(const std::string level, confine(cage));
  return {};
}

[[noreturn]] void attempt(const Escape& escape, WorkerProfile profile, const Identity& identity,
                          bool confined, const Surroundings& around) {
  if (confined) {
    if (!enter_cage(profile, identity, around)) ::_exit(exit_not_confined);
  }
  ::_exit(escape.succeeds(around) ? exit_escaped : exit_refused);
}

}  // namespace

EscapeOutcome try_escape(const Escape& escape, WorkerProfile profile, const Identity& identity,
                         bool confined) {
  const Playground playground(identity);
  auto ends = socket_pair(SOCK_STREAM);
  if (!ends) return EscapeOutcome::not_confined;
  Surroundings around = playground.around();
  around.parent = ::getpid();
  around.channel = ends->first.get();
  const pid_t child = ::fork();
  if (child < 0) return EscapeOutcome::not_confined;
  if (child == 0) attempt(escape, profile, identity, confined, around);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  // Killed by SIGSYS or whatever else: it did not get through. Status 0 is /bin/true, executed.
  if (!WIFEXITED(status)) return EscapeOutcome::refused;
  if (WEXITSTATUS(status) == exit_refused) return EscapeOutcome::refused;
  const bool broken = WEXITSTATUS(status) == exit_not_confined;
  return broken ? EscapeOutcome::not_confined : EscapeOutcome::escaped;
}

int selftest_sandbox(std::FILE* out, const Identity& identity) {
  const auto possible = can_confine(Sandbox::required);
  if (!possible) std::fprintf(stderr, "selftest: %s\n", possible.error().what.c_str());
  int status = possible ? 0 : 1;
  for (const WorkerProfile profile : {WorkerProfile::scan, WorkerProfile::av}) {
    const char* name = profile == WorkerProfile::scan ? "scan" : "av";
    for (const Escape& escape : escapes()) {
      const EscapeOutcome outcome = try_escape(escape, profile, identity, true);
      const bool refused = outcome == EscapeOutcome::refused;
      if (outcome == EscapeOutcome::not_confined) {
        std::fprintf(stderr, "selftest: the %s cage could not be entered for %s\n", name,
                     escape.name.data());
      }
      std::fprintf(out, "%s/%s\t%s\n", name, escape.name.data(), refused ? "refused" : "ESCAPED");
      std::fflush(out);
      if (!refused) status = 1;
    }
  }
  return status;
}

}  // namespace postern
