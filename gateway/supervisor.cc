#include "gateway/supervisor.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <csignal>
#include <cstdio>

#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>

#include "gateway/base/log.h"
#include "gateway/instance_lock.h"
#include "gateway/net/socket.h"
#include "gateway/owner.h"
#include "gateway/supervision.h"
#include "gateway/worker/channel.h"
#include "gateway/worker/confine.h"
#include "gateway/worker/worker_main.h"
#include "rules/patterns/native_code.h"

namespace postern {
namespace {

constexpr Event started{"started", Level::info, "Postern serves. Nothing needs doing."};
constexpr Event stopping{"stopping", Level::info,
                         "Told to end; sessions and deliveries are given time to finish."};
constexpr Event stopped{"stopped", Level::info,
                        "All processes have ended; what was queued is on disk."};
constexpr Event reloaded{"reloaded", Level::info,
                         "The configuration was read again and is in force for new sessions."};
constexpr Event reload_refused{
    "reload-refused", Level::error,
    "The changed configuration has a mistake, named in error=; the old one stays in force."};
constexpr Event process_died{"process-died", Level::error,
                             "A process of ours ended unasked and is started again. If it repeats, "
                             "look at what came before."};
constexpr Event start_failed{"start-failed", Level::error,
                             "Postern could not start a part of itself. error= says why."};

constexpr milliseconds zygote_patience =
    seconds(120);  // a full signature set takes a minute to load
constexpr seconds drain_patience{45};
constexpr seconds bind_patience{5};
constexpr int another_runs = 75;  // EX_TEMPFAIL: try again when that has ended

class Supervisor {
 public:
  Supervisor(std::string path, std::shared_ptr<const Configuration> configuration, Owner owner)
      : path_(std::move(path)), configuration_(std::move(configuration)), owner_(owner) {}

  Result<> start();
  int watch(const sigset_t& signals);

 private:
  struct Child {
    pid_t pid = -1;
    Order kind;
  };

  Result<> bind();
  Result<> start_gateway();
  Result<UniqueFd> start_zygote(Order kind,
                                const std::shared_ptr<const Configuration>& configuration);
  [[noreturn]] void be_scan_zygote(UniqueFd control, const Configuration& configuration);
  [[noreturn]] void be_av_zygote(UniqueFd control);
  void reap();
  void reload();
  void tell(Order order, int descriptor);
  void end_gateway();

  std::string path_;
  std::shared_ptr<const Configuration> configuration_;
  Owner owner_;
  UniqueFd instance_;
  std::vector<UniqueFd> listeners_;
  UniqueFd orders_;
  pid_t gateway_ = -1;
  std::vector<Child> zygotes_;
  SteadyTime last_start_{};
  bool ending_ = false;
  int status_ = 0;
};

Result<> Supervisor::bind() {
  const unsigned loops = configuration_->session_loops();
  for (const Endpoint& endpoint : configuration_->process.listeners) {
    for (unsigned i = 0; i < loops; ++i) {
      auto fd = listen_on(endpoint, 1024, loops > 1);
      // A gateway that was killed a moment ago may still be letting go of its sockets.
      const SteadyTime until = std::chrono::steady_clock::now() + bind_patience;
      while (!fd && fd.error().code == std::errc::address_in_use &&
             std::chrono::steady_clock::now() < until) {
        ::usleep(50'000);
        fd = listen_on(endpoint, 1024, loops > 1);
      }
      if (!fd) return std::unexpected(fd.error());
      listeners_.push_back(std::move(*fd));
    }
  }
  return {};
}

// Fork and the signal mask: children get the default handling back.
pid_t fork_child() {
  flush_log();
  const pid_t pid = ::fork();
  if (pid == 0) {
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    ::signal(SIGINT,
             SIG_IGN);  // a terminal's Ctrl-C reaches the whole group; the supervisor drains
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  }
  return pid;
}

void Supervisor::be_scan_zygote(UniqueFd control, const Configuration& configuration) {
  ZygoteSettings settings;
  settings.kind = "scan";
  settings.identity = owner_.identity;
  settings.cage.profile = WorkerProfile::scan;
  settings.cage.sandbox =
      configuration.worker.sandbox == "required" ? Sandbox::required : Sandbox::best_effort;
  settings.cage.memory = configuration.worker.memory;
  for (const ConfiguredFilter& filter : configuration.filters) {
    if (filter.type->placement == Placement::scan_worker) {
      settings.filters.push_back({std::string(filter.type->name), filter.factory});
    }
  }
  settings.prepare = [](const std::string&) -> Result<> {
    stop_native_code();
    return {};
  };
  if (auto closed = close_all_but({control.get()}); !closed) ::_exit(70);
  ::_exit(run_zygote(std::move(control), std::move(settings)));
}

void Supervisor::be_av_zygote(UniqueFd control) {
  // postern-av lies beside postern; it is a program of its own because of libclamav's licence.
  std::error_code error;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
  const std::string program = (self.parent_path() / "postern-av").string();
  const int inherited = ::fcntl(control.get(), F_DUPFD, 3);  // without close-on-exec
  const std::string descriptor = std::to_string(inherited);
  std::vector<std::string> words = {program, "--config", path_, "--control", descriptor};
  if (owner_.drop) {
    words.insert(words.end(), {"--user", std::to_string(owner_.identity.uid) + ":" +
                                             std::to_string(owner_.identity.gid)});
  }
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  ::execv(program.c_str(), arguments.data());
  std::fprintf(stderr, "postern: cannot run %s: it must lie beside postern\n", program.c_str());
  ::_exit(72);
}

Result<UniqueFd> Supervisor::start_zygote(
    Order kind, const std::shared_ptr<const Configuration>& configuration) {
  TRY(auto pair, socket_pair(SOCK_SEQPACKET));
  const pid_t pid = fork_child();
  if (pid < 0) return fail_errno("fork");
  if (pid == 0) {
    pair.first.reset();
    if (kind == Order::scan_zygote) be_scan_zygote(std::move(pair.second), *configuration);
    be_av_zygote(std::move(pair.second));
  }
  pair.second.reset();
  zygotes_.push_back({pid, kind});
  TRY(wait_for_zygote(pair.first.get(), zygote_patience));
  return std::move(pair.first);
}

Result<> Supervisor::start_gateway() {
  GatewayParts parts;
  parts.configuration_path = path_;
  parts.configuration = configuration_;
  if (configuration_->uses(Placement::scan_worker)) {
    TRY(auto control, start_zygote(Order::scan_zygote, configuration_));
    parts.scan_control = std::move(control);
  }
  if (configuration_->uses(Placement::av_worker)) {
    TRY(auto control, start_zygote(Order::av_zygote, configuration_));
    parts.av_control = std::move(control);
  }
  TRY(auto pair, socket_pair(SOCK_SEQPACKET));
  last_start_ = std::chrono::steady_clock::now();
  const pid_t pid = fork_child();
  if (pid < 0) return fail_errno("fork");
  if (pid == 0) {
    pair.first.reset();
    parts.orders = std::move(pair.second);
    parts.listeners = std::move(listeners_);
    if (auto dropped = become(owner_); !dropped) {
      log(start_failed, {{"error", dropped.error().what}});
      flush_log();
      ::_exit(71);
    }
    const int status = run_gateway(std::move(parts));
    flush_log();
    ::_exit(status);
  }
  gateway_ = pid;
  orders_ = std::move(pair.first);
  return {};
}

Result<> Supervisor::start() {
  const std::string& spool = configuration_->process.spool_directory;
  TRY(prepare_directory(spool, owner_));
  TRY(auto instance, lock_instance(spool));
  instance_ = std::move(instance);
  TRY(bind());
  return start_gateway();
}

void Supervisor::tell(Order order, int descriptor) {
  const char octet = static_cast<char>(order);
  static_cast<void>(send_with(orders_.get(), std::string_view(&octet, 1), descriptor));
}

void Supervisor::reload() {
  std::vector<Problem> problems;
  auto fresh = read_configuration(path_, problems);
  for (const Problem& problem : problems)
    log(reload_refused, {{"error", problem.where + ": " + problem.what}});
  if (!problems.empty()) return;
  for (const Order kind : {Order::scan_zygote, Order::av_zygote}) {
    const Placement placement =
        kind == Order::scan_zygote ? Placement::scan_worker : Placement::av_worker;
    if (!fresh->uses(placement)) continue;
    auto control = start_zygote(kind, fresh);
    if (!control) {
      log(reload_refused, {{"error", control.error().what}});
      return;
    }
    tell(kind, control->get());
  }
  configuration_ = std::move(fresh);
  tell(Order::reload, -1);
  log(reloaded, {{"file", path_}});
}

void Supervisor::reap() {
  int status = 0;
  pid_t pid = 0;
  while ((pid = ::waitpid(-1, &status, WNOHANG)) > 0) {
    if (pid == gateway_) {
      gateway_ = -1;
      orders_.reset();
      if (ending_) {
        if (status != 0)
          log(process_died, {{"process", "gateway"}, {"pid", pid}, {"status", status}});
        continue;
      }
      if (WIFEXITED(status) && WEXITSTATUS(status) == futile_start) {
        ending_ = true;
        status_ = futile_start;
        continue;
      }
      log(process_died, {{"process", "gateway"}, {"pid", pid}, {"status", status}});
      // One that dies at once would be started in a circle.
      if (std::chrono::steady_clock::now() - last_start_ < seconds(2)) ::sleep(2);
      if (auto again = start_gateway(); !again) log(start_failed, {{"error", again.error().what}});
      continue;
    }
    const auto found = std::ranges::find(zygotes_, pid, &Child::pid);
    if (found == zygotes_.end()) continue;
    const Order kind = found->kind;
    zygotes_.erase(found);
    const bool replaced =
        std::ranges::any_of(zygotes_, [kind](const Child& c) { return c.kind == kind; });
    // One that ended by itself was left by the gateway for a newer one.
    if (ending_ || gateway_ < 0 || replaced) continue;
    log(process_died, {{"process", kind == Order::scan_zygote ? "scan-zygote" : "av-zygote"},
                       {"pid", pid},
                       {"status", status}});
    auto control = start_zygote(kind, configuration_);
    if (control) {
      tell(kind, control->get());
    } else {
      log(start_failed, {{"error", control.error().what}});
    }
  }
}

void Supervisor::end_gateway() {
  ending_ = true;
  log(stopping, {});
  if (gateway_ > 0) ::kill(gateway_, SIGTERM);
}

int Supervisor::watch(const sigset_t& signals) {
  std::optional<SteadyTime> until;
  for (;;) {
    const timespec tick{1, 0};
    const int signal = ::sigtimedwait(&signals, nullptr, &tick);
    if (signal == SIGHUP && !ending_) reload();
    if ((signal == SIGTERM || signal == SIGINT) && !ending_) {
      end_gateway();
      until = std::chrono::steady_clock::now() + drain_patience;
    }
    reap();
    if (ending_ && gateway_ < 0) break;
    if (!ending_ && gateway_ < 0 && std::chrono::steady_clock::now() - last_start_ > seconds(5)) {
      if (auto again = start_gateway(); !again) log(start_failed, {{"error", again.error().what}});
    }
    if (until && std::chrono::steady_clock::now() > *until && gateway_ > 0)
      ::kill(gateway_, SIGKILL);
  }
  // The zygotes end when nobody holds their control sockets; what hangs is ended.
  for (int i = 0; i < 100 && !zygotes_.empty(); ++i) {
    reap();
    ::usleep(20'000);
  }
  for (const Child& zygote : zygotes_) ::kill(zygote.pid, SIGKILL);
  while (::waitpid(-1, nullptr, 0) > 0) {
  }
  log(stopped, {});
  flush_log();
  return status_;
}

void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

int supervise(const std::string& configuration_path) {
  std::vector<Problem> problems;
  auto configuration = read_configuration(configuration_path, problems);
  for (const Problem& problem : problems)
    std::fprintf(stderr, "%s: %s\n", problem.where.c_str(), problem.what.c_str());
  if (!problems.empty()) return 78;
  auto owner = find_owner(configuration->process.mail_owner);
  if (!owner) {
    std::fprintf(stderr, "%s: %s\n", configuration_path.c_str(), owner.error().what.c_str());
    return 78;
  }
  ::signal(SIGPIPE, SIG_IGN);
  raise_descriptor_limit();
  sigset_t signals;
  ::sigemptyset(&signals);
  for (const int signal : {SIGHUP, SIGTERM, SIGINT, SIGCHLD}) ::sigaddset(&signals, signal);
  ::sigprocmask(SIG_BLOCK, &signals, nullptr);

  Supervisor supervisor(configuration_path, configuration, *owner);
  if (auto running = supervisor.start(); !running) {
    log(start_failed, {{"error", running.error().what}});
    flush_log();
    return running.error().code == std::errc::device_or_resource_busy ? another_runs : 71;
  }
  log(started, {{"file", configuration_path}});
  return supervisor.watch(signals);
}

}  // namespace postern
