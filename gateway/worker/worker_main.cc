#include "gateway/worker/worker_main.h"

#include <malloc.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <map>
#include <utility>

#include "gateway/base/log.h"
#include "gateway/worker/answer.h"
#include "gateway/worker/channel.h"
#include "gateway/worker/frame.h"
#include "gateway/worker/warm_up.h"

namespace postern {
namespace {

constexpr Event zygote_ready{"zygote_ready", Level::info,
                             "Rules or signatures are loaded; workers can start."};
constexpr Event zygote_failed{"zygote_failed", Level::error,
                              "No workers of this kind can be started: see error."};
constexpr Event worker_ended{
    "worker_ended", Level::warning,
    "A worker ended by itself. Signal 31 (SIGSYS) is a system call that the cage forbids, 24 "
    "(SIGXCPU) too "
    "much processor time; with a clean message neither happens: look at the one that it had."};
constexpr Event worker_failed{"worker_failed", Level::error,
                              "A worker could not be started: see error."};

// A guard against a gateway that went mad, far above any sensible number of workers.
constexpr std::size_t most_workers = 1024;

struct Child {
  pid_t pid;
  std::string scratch;
  bool killed = false;
};

class Zygote {
 public:
  Zygote(UniqueFd control, UniqueFd signals, ZygoteSettings settings)
      : control_(std::move(control)),
        signals_(std::move(signals)),
        settings_(std::move(settings)) {}

  int run();

 private:
  bool obey();
  void start(std::uint64_t token, UniqueFd channel);
  void kill(std::uint64_t token);
  void reap();
  void end_all();
  [[noreturn]] void be_worker(std::uint64_t token, UniqueFd channel, const std::string& scratch);
  Result<int> serve(std::uint64_t token, int channel, const std::string& scratch);

  UniqueFd control_;
  UniqueFd signals_;
  ZygoteSettings settings_;
  std::map<std::uint64_t, Child> children_;
};

int Zygote::run() {
  const std::string ready = encode_frame({FrameKind::ready, 0, 0, 0, {}}, {});
  if (!send_with(control_.get(), ready, -1)) return 0;  // nobody waits for us any more
  log(zygote_ready, {{"kind", settings_.kind}, {"pid", ::getpid()}});
  for (;;) {
    std::array<pollfd, 2> waiting{{{control_.get(), POLLIN, 0}, {signals_.get(), POLLIN, 0}}};
    if (::poll(waiting.data(), waiting.size(), -1) < 0) continue;
    if (waiting[1].revents != 0) reap();
    if (waiting[0].revents != 0 && !obey()) break;
  }
  end_all();
  return 0;
}

// False when the other end is closed.
bool Zygote::obey() {
  std::array<char, frame_header_size> octets;
  auto received = receive_with(control_.get(), octets);
  if (!received) return false;
  if (!*received) return true;
  Received& got = **received;
  if (got.octets == 0) return false;
  const auto header = decode_header(std::string_view(octets.data(), got.octets), 0);
  if (!header) return true;
  if (header->kind == FrameKind::kill) kill(header->id);
  if (header->kind == FrameKind::start && got.descriptors.size() == 1) {
    start(header->id, std::move(got.descriptors.front()));
  }
  return true;
}

void Zygote::start(std::uint64_t token, UniqueFd channel) {
  if (children_.size() >= most_workers || children_.contains(token)) return;
  std::string scratch;
  if (settings_.scratch != nullptr) {
    auto made = settings_.scratch->make("worker-" + std::to_string(token));
    if (!made) return log(worker_failed, {{"kind", settings_.kind}, {"error", made.error().what}});
    scratch = *std::move(made);
  }
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid == 0) {
    if (::getppid() != parent) ::_exit(1);
    be_worker(token, std::move(channel), scratch);
  }
  if (pid < 0) {
    const auto error = fail_errno("fork");
    if (!scratch.empty()) Scratch::remove(scratch);
    return log(worker_failed, {{"kind", settings_.kind}, {"error", error.error().what}});
  }
  children_.emplace(token, Child{pid, std::move(scratch)});
}

void Zygote::kill(std::uint64_t token) {
  const auto child = children_.find(token);
  if (child == children_.end()) return;  // reaped already; its number may be another's by now
  child->second.killed = true;
  ::kill(child->second.pid, SIGKILL);
}

void Zygote::reap() {
  signalfd_siginfo ignored{};
  while (::read(signals_.get(), &ignored, sizeof ignored) > 0) {
  }
  int status = 0;
  for (pid_t pid = 0; (pid = ::waitpid(-1, &status, WNOHANG)) > 0;) {
    const auto child =
        std::ranges::find_if(children_, [&](const auto& c) { return c.second.pid == pid; });
    if (child == children_.end()) continue;
    const bool orderly = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    if (!child->second.killed && !orderly) {
      log(worker_ended, {{"kind", settings_.kind},
                         {"pid", pid},
                         {"signal", WIFSIGNALED(status) ? WTERMSIG(status) : 0},
                         {"status", WIFEXITED(status) ? WEXITSTATUS(status) : 0}});
    }
    if (!child->second.scratch.empty()) Scratch::remove(child->second.scratch);
    children_.erase(child);
  }
}

void Zygote::end_all() {
  for (const auto& [token, child] : children_) ::kill(child.pid, SIGKILL);
  for (const auto& [token, child] : children_) ::waitpid(child.pid, nullptr, 0);
}

Result<int> Zygote::serve(std::uint64_t token, int channel, const std::string& scratch) {
  if (settings_.prepare) TRY(settings_.prepare(scratch));
  Server server(channel, settings_.filters, settings_.limits);
  Cage cage = settings_.cage;
  cage.scratch = scratch;
  cage.keep = {channel};
  TRY(const std::string level, confine(cage));
  if (settings_.prove) TRY(settings_.prove());
  return server.run(token, level);
}

// A worker that cannot serve tells the gateway, whose log has room for the reason: here standard
// error may be closed already. write() and not sendmsg(), which the cage forbids.
void report(int channel, std::uint64_t token, const Error& error) {
  const std::string frame =
      encode_frame({FrameKind::failure, 0, token, 0, {}}, encode_failure(error));
  [[maybe_unused]] const ssize_t ignored = ::write(channel, frame.data(), frame.size());
}

// The child of a fork: nothing of the parent may be destroyed here, so it leaves by _exit().
void Zygote::be_worker(std::uint64_t token, UniqueFd channel, const std::string& scratch) {
  ::mallopt(M_ARENA_MAX, 1);  // one thread; a second arena would look for /sys to size itself
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  const auto status = serve(token, channel.get(), scratch);
  if (!status) report(channel.get(), token, status.error());
  ::_exit(status ? *status : 1);
}

Result<UniqueFd> catch_children() {
  sigset_t children;
  ::sigemptyset(&children);
  ::sigaddset(&children, SIGCHLD);
  if (::sigprocmask(SIG_BLOCK, &children, nullptr) != 0) return fail_errno("sigprocmask");
  UniqueFd signals(::signalfd(-1, &children, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!signals) return fail_errno("signalfd");
  // Who ends the gateway by a signal to its process group wants it to drain, with its workers.
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE}) ::signal(signal, SIG_IGN);
  ::signal(SIGCHLD, SIG_DFL);
  return signals;
}

Result<int> run(UniqueFd control, ZygoteSettings settings) {
  TRY(can_confine(settings.cage.sandbox));
  TRY(drop_privileges(settings.identity));
  TRY(UniqueFd signals, catch_children());
  warm_up();
  return Zygote(std::move(control), std::move(signals), std::move(settings)).run();
}

}  // namespace

int run_zygote(UniqueFd control, ZygoteSettings settings) {
  log_unbuffered();
  const std::string kind = settings.kind;
  const auto status = run(std::move(control), std::move(settings));
  if (status) return *status;
  log(zygote_failed, {{"kind", kind}, {"error", status.error().what}});
  return 1;
}

Result<> wait_for_zygote(int control, milliseconds patience) {
  pollfd waiting{control, POLLIN, 0};
  const int ready = ::poll(&waiting, 1, static_cast<int>(patience.count()));
  if (ready < 0) return fail_errno("poll");
  if (ready == 0) return fail(std::errc::timed_out, "the zygote is not ready in time");
  std::array<char, frame_header_size> octets;
  TRY(const auto received, receive_with(control, octets));
  if (!received || received->octets == 0) {
    return fail(std::errc::broken_pipe, "the zygote has ended; its last line says why");
  }
  TRY(const FrameHeader header,
      decode_header(std::string_view(octets.data(), received->octets), 0));
  if (header.kind != FrameKind::ready)
    return fail(std::errc::bad_message, "the zygote did not say ready");
  return {};
}

}  // namespace postern
