#include "gateway/server.h"

#include <sys/signalfd.h>
#include <unistd.h>
#include <csignal>

#include <algorithm>

#include "filters/rate.h"
#include "gateway/base/log.h"
#include "gateway/base/metrics.h"
#include "gateway/control/storm_alarm.h"
#include "gateway/queue/disk.h"
#include "gateway/worker/channel.h"

namespace postern {
namespace {

constexpr Event recovered_queue{
    "queue-recovered", Level::info,
    "The queue was read back at the start: checkpoint= messages from the checkpoint of the index, "
    "and replayed= octets of the log behind it. corrupt= above 0: records were set aside in "
    "spool_directory/corrupt; keep them for a look."};
constexpr Event gateway_failed{
    "gateway-start-failed", Level::error,
    "The gateway could not start. error= names the cause and what to do."};
constexpr Event reload_failed{
    "gateway-reload-refused", Level::error,
    "The gateway, without root, could not read the changed configuration; the old one stays in "
    "force. error= says what; often mail_owner may not read a file."};

constexpr Event restart_needed{"restart-needed", Level::warning,
                               "Listeners or threads were changed: that takes a restart; all else "
                               "that was changed is in force."};

constexpr seconds lock_patience{3};
constexpr seconds session_patience{10};
constexpr seconds delivery_patience{20};
constexpr seconds lesson_patience{3};  // a commit, and the distance that it keeps

Control share(UniqueFd fd) {
  return fd ? std::make_shared<const UniqueFd>(std::move(fd)) : nullptr;
}

/// Blocks SIGTERM, here and in every thread that comes after: one that left it open would take it,
/// and end the process in the middle of its work.
UniqueFd watch_for_the_end() {
  sigset_t set;
  ::sigemptyset(&set);
  ::sigaddset(&set, SIGTERM);
  ::sigprocmask(SIG_BLOCK, &set, nullptr);
  return UniqueFd(::signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC));
}

}  // namespace

Server::Server(GatewayParts parts)
    : parts_(std::move(parts)),
      current_(parts_.configuration),
      scan_control_(share(std::move(parts_.scan_control))),
      av_control_(share(std::move(parts_.av_control))),
      signals_(watch_for_the_end()),
      ids_(clock_, static_cast<std::uint16_t>(parts_.configuration->process.node)) {}

Server::~Server() = default;

Result<> Server::open_queue() {
  const Configuration& configuration = *parts_.configuration;
  const auto found = [this](const MessageSummary& message) {
    if (message.hold.empty()) recovered_.push_back(message.id);
  };
  RecoveryReport report;
  const SteadyTime until = clock_.steady() + lock_patience;
  while (!spool_) {
    TRY(auto disk, open_disk(configuration.process.spool_directory));
    auto spool = Spool::open(std::move(disk), clock_, configuration.spool, found, report);
    if (spool) {
      spool_ = std::move(*spool);
    } else if (spool.error().code != std::errc::device_or_resource_busy ||
               clock_.steady() > until) {
      return std::unexpected(spool.error());
    } else {
      ::usleep(50'000);  // a gateway that was killed a moment ago may still be letting go
    }
  }
  ids_.not_before(report.last_id);
  log(recovered_queue, {{"messages", report.messages},
                        {"checkpoint", report.from_checkpoint},
                        {"records", report.records},
                        {"replayed", report.replayed_octets},
                        {"torn", report.torn_octets},
                        {"corrupt", report.corrupt_records}});
  return {};
}

std::shared_ptr<const DispatchConfig> Server::make_dispatch_config(
    const Configuration& configuration) const {
  auto config = std::make_shared<DispatchConfig>();
  config->policies = configuration.policies;
  config->delivery = std::make_shared<const DeliverySettings>(configuration.delivery);
  config->scheduler = configuration.scheduler;
  config->retry = storm_ ? storm_->retry(configuration.retry) : configuration.retry;
  config->myhostname = configuration.smtpd.myhostname;
  return config;
}

Result<> Server::open_deliveries() {
  const Configuration& configuration = *parts_.configuration;
  TRY(auto resolver, CaresResolver::open(loop_, configuration.dns));
  resolver_ = std::move(resolver);
  const auto dispatch = make_dispatch_config(configuration);
  DeliveryContext context{loop_,
                          *resolver_,
                          dispatch->delivery,
                          configuration.smtpd.myhostname,
                          {configuration.process.listeners, interface_addresses()},
                          configuration.client_tls};
  transports_ = std::make_unique<Transports>(std::move(context), files_);
  watch_ = std::make_unique<StormWatch>(configuration.storm, clock_.steady());
  dispatcher_ =
      std::make_unique<Dispatcher>(Dispatcher::Parts{loop_, *spool_, *transports_, *resolver_,
                                                     files_, clock_, ids_, watch_.get()},
                                   dispatch);
  TRY(open_orders());
  open_storm();
  for (const MessageId id : recovered_) {
    spool_->look(id, [this](const MessageSummary& message) { dispatcher_->recovered(message); });
  }
  recovered_ = {};
  return {};
}

/// Before the first message is placed: what was suspended must not be tried once more.
Result<> Server::open_orders() {
  TRY(auto disk, open_disk(parts_.configuration->process.spool_directory));
  orders_ = std::make_unique<StandingOrders>(loop_, files_, std::move(disk));
  orders_->load();
  for (const Suspension& each : orders_->orders().suspensions) {
    if (each.until > clock_.wall()) dispatcher_->suspend(each);
  }
  return {};
}

void Server::open_storm() {
  const DeskParts desk{loop_, *spool_, *dispatcher_, files_, clock_, *orders_};
  storm_ = std::make_unique<Storm>(Storm::Parts{desk, watch_->usual(), [this] { apply_storm(); },
                                                [this] { return current_->retry; }});
  storm_->take_up();
  dispatcher_->configure(make_dispatch_config(*current_));
}

/// The configuration anew, with what the storm has on top now. Where strangers are limited, open
/// sessions end: who floods over one would not come back for the limits.
void Server::apply_storm() {
  generation_ = make_generation(*current_);
  dispatcher_->configure(make_dispatch_config(*current_));
  if (!storm_->in_force(StormStep::clients)) return;
  for (auto& thread : threads_) {
    SessionThread* each = thread.get();
    each->loop.post([each] {
      for (auto& listener : each->listeners) listener->renew_sessions();
    });
  }
}

void Server::add_pools(Loop& loop, unsigned loops) {
  const WorkerSettings& worker = parts_.configuration->worker;
  const auto cores = static_cast<std::int64_t>(std::max(1U, std::thread::hardware_concurrency()));
  const auto share = [loops, cores](std::int64_t wanted) {
    const std::int64_t all = wanted > 0 ? wanted : cores;
    return static_cast<unsigned>(std::max<std::int64_t>(1, all / loops));
  };
  // A message with twenty hosts in it, asked of twenty lists, and some to spare.
  constexpr unsigned lookups_of_a_message = 500;
  const auto add = [&](Placement placement, const Control& control, const char* kind,
                       std::int64_t workers) {
    PoolSettings settings;
    settings.kind = kind;
    settings.workers = share(workers);
    settings.scan_deadline = worker.scan_deadline;
    settings.lookups = placement == Placement::scan_worker ? lookups_of_a_message : 0;
    settings.waiting_limit = static_cast<std::size_t>(worker.waiting_limit);
    pools_->add(placement, loop, std::make_unique<WorkerPool>(loop, control, settings));
  };
  // Pools exist for both kinds, since a reload may bring the first filter that needs one; without a
  // zygote they start nothing.
  add(Placement::scan_worker, scan_control_, "scan", worker.scan_workers);
  add(Placement::av_worker, av_control_, "av", worker.av_workers);
}

std::vector<Step> Server::make_steps(const Configuration& configuration) const {
  const StormRates storm{storm_->in_force(StormStep::clients), storm_->in_force(StormStep::inside),
                         &watch_->usual()};
  const bool limits = storm.clients || storm.inside;
  bool has_rates = false;
  std::vector<Step> steps;
  for (const ConfiguredFilter& filter : configuration.filters) {
    auto factory = filter.type->placement == Placement::gateway
                       ? filter.factory
                       : remote_factory(*filter.type, pools_);
    if (limits && filter.type == &rate_filter) {
      factory = rates_in_storm(factory.get(), storm);
      has_rates = true;
    }
    Step step{std::string(filter.type->name), std::move(factory), filter.guard};
    if (const auto place = filter.factory->learning()) {
      step.take_lesson = [learner = learners_->of(*place)](auto lesson) {
        learner->take(std::move(lesson));
      };
    }
    steps.push_back(std::move(step));
  }
  if (limits && !has_rates) {
    Step step{std::string(rate_filter.name), rates_in_storm(nullptr, storm), {}};
    steps.insert(steps.begin(), std::move(step));
  }
  return steps;
}

std::shared_ptr<const Listener::Generation> Server::make_generation(
    const Configuration& configuration) const {
  auto steps = make_steps(configuration);
  auto session = std::make_shared<SessionConfig>();
  session->smtpd = configuration.smtpd;
  session->chain = std::make_shared<const Chain>(std::move(steps));
  session->policies = configuration.policies;
  session->xclient_hosts = configuration.xclient_hosts;
  session->tls = configuration.tls;
  auto generation = std::make_shared<Listener::Generation>();
  generation->session = std::move(session);
  generation->connection = configuration.connection;
  if (const auto* measures = storm_->in_force(StormStep::clients)) {
    auto& limit = generation->connection.smtpd_client_connection_count_limit;
    limit = std::min(limit, measures->connection_count);
  }
  return generation;
}

Result<> Server::open_sessions() {
  const Configuration& configuration = *parts_.configuration;
  const unsigned loops = configuration.session_loops();
  // A single session loop is the main loop as well: a message then changes threads for the commit
  // alone, and its 250 and its delivery begin in one turn.
  Loop* const main = loops == 1 ? &loop_ : nullptr;
  for (unsigned i = 0; i < loops; ++i) {
    SessionThread& thread = *threads_.emplace_back(std::make_unique<SessionThread>(main));
    TRY(auto resolver, CaresResolver::open(thread.loop, configuration.dns));
    thread.dns = std::move(resolver);
    thread.resolver =
        std::make_unique<PyzorResolver>(thread.loop, *thread.dns, configuration.pyzor);
    add_pools(thread.loop, loops);
    thread.host = std::make_unique<SessionHost>(
        SessionHost{thread.loop, *thread.resolver, clock_, *spool_, ids_, memory_,
                    [this](std::shared_ptr<const Envelope> envelope, Content content) {
                      dispatcher_->add(std::move(envelope), std::move(content));
                    }});
  }
  // From here on the pools alone hold them: a zygote ends when its last pool has moved on.
  scan_control_.reset();
  av_control_.reset();
  generation_ = make_generation(configuration);
  for (std::size_t i = 0; i < parts_.listeners.size(); ++i) {
    SessionThread& thread = *threads_[i % loops];
    thread.listeners.push_back(
        std::make_unique<Listener>(*thread.host, std::move(parts_.listeners[i]), connections_,
                                   [this] { return generation_.load(); }));
  }
  return {};
}

Result<> Server::open_control() {
  const Configuration& configuration = *parts_.configuration;
  desk_ = std::make_unique<QueueDesk>(
      DeskParts{loop_, *spool_, *dispatcher_, files_, clock_, *orders_});
  storm_desk_ = std::make_unique<StormDesk>(*storm_, *watch_, clock_);
  TRY(auto control,
      ControlServer::open(loop_, configuration.control_socket(), *desk_, *storm_desk_));
  control_ = std::move(control);
  if (!configuration.process.metrics_listen.empty()) {
    TRY(auto metrics,
        HttpServer::open(configuration.process.metrics_listen, "/metrics", render_metrics));
    metrics_ = std::move(metrics);
  }
  return {};
}

int Server::run() {
  for (const auto step : {&Server::open_queue, &Server::open_deliveries, &Server::open_sessions,
                          &Server::open_control}) {
    if (auto done = (this->*step)(); !done) {
      log(gateway_failed, {{"error", done.error().what}});
      return done.error().code == std::errc::not_supported ? futile_start : 71;
    }
  }
  tasks_.spawn(follow_orders());
  tasks_.spawn(follow_signals());
  tasks_.spawn(control_->run());
  tasks_.spawn(storm_->run());
  tasks_.spawn(tell_of_storms(loop_, *watch_));
  dispatcher_->start();
  for (auto& thread : threads_) {
    for (auto& listener : thread->listeners) thread->tasks.spawn(listener->run());
    if (thread->own) thread->thread = std::thread([&loop = thread->loop] { loop.run(); });
  }
  loop_.run();
  for (auto& thread : threads_) {
    if (thread->own) thread->thread.join();
  }
  learners_->close(lesson_patience);
  // Everything acknowledged is on disk, and nothing runs any more: the process may simply end.
  flush_log();
  ::_exit(0);
}

Task<void> Server::follow_signals() {
  Socket signals(loop_, std::move(signals_));
  for (;;) {
    if (co_await signals.readable(SteadyTime::max()) == Wait::closed) co_return;
    signalfd_siginfo info{};
    if (::read(signals.fd(), &info, sizeof info) != sizeof info) continue;
    if (!ending_) {
      ending_ = true;
      tasks_.spawn(shut_down());
    }
  }
}

Task<void> Server::follow_orders() {
  Socket orders(loop_, std::move(parts_.orders));
  std::array<char, 16> octets{};
  for (;;) {
    if (co_await orders.readable(SteadyTime::max()) == Wait::closed) co_return;
    auto received = receive_with(orders.fd(), octets);
    if (!received) co_return;
    if (!*received) continue;
    if ((*received)->octets == 0) co_return;  // the supervisor is gone; PDEATHSIG ends us
    auto& descriptors = (*received)->descriptors;
    switch (static_cast<Order>(octets[0])) {
      case Order::reload:
        co_await reload();
        break;
      case Order::scan_zygote:
      case Order::av_zygote: {
        if (descriptors.empty()) break;
        const auto placement = static_cast<Order>(octets[0]) == Order::scan_zygote
                                   ? Placement::scan_worker
                                   : Placement::av_worker;
        pools_->set_control(placement,
                            std::make_shared<const UniqueFd>(std::move(descriptors.front())));
        break;
      }
    }
  }
}

Task<void> Server::reload() {
  struct Read {
    std::shared_ptr<const Configuration> configuration;
    std::vector<Problem> problems;
  };
  const std::string path = parts_.configuration_path;
  Read read = co_await files_.run(loop_, [path] {
    Read out;
    out.configuration = read_configuration(path, out.problems);
    return out;
  });
  for (const Problem& problem : read.problems)
    log(reload_failed, {{"error", problem.where + ": " + problem.what}});
  if (!read.problems.empty()) co_return;
  if (read.configuration->process.listeners != parts_.configuration->process.listeners ||
      read.configuration->session_loops() != parts_.configuration->session_loops()) {
    log(restart_needed, {{"file", path}});
  }
  current_ = std::move(read.configuration);
  watch_->configure(current_->storm);
  generation_ = make_generation(*current_);
  dispatcher_->configure(make_dispatch_config(*current_));
}

Task<void> Server::end_thread(SessionThread& thread, OneShot<bool>& ended) {
  const SteadyTime until = thread.loop.now() + session_patience;
  for (auto& listener : thread.listeners) listener->drain();
  for (auto& listener : thread.listeners) {
    while (listener->sessions() > 0 && thread.loop.now() < until) {
      co_await thread.loop.sleep_until(thread.loop.now() + milliseconds(20));
    }
  }
  co_await pools_->close(thread.loop);
  loop_.post([&ended] { ended.set(true); });
}

// Sessions first, so that nothing new comes; then deliveries; then the log of the queue is closed.
Task<void> Server::shut_down() {
  control_->close();
  for (auto& thread : threads_) {
    OneShot<bool> ended;
    SessionThread* each = thread.get();
    each->loop.post([this, each, &ended] { each->tasks.spawn(end_thread(*each, ended)); });
    co_await ended.wait();
    if (each->own) each->own->stop();
  }
  const SteadyTime until = loop_.now() + delivery_patience;
  co_await dispatcher_->drain(until);
  transports_->shut();
  Spool& spool = *spool_;
  co_await files_.run(loop_, [&spool] {
    spool.close();
    return true;
  });
  loop_.stop();
}

int run_gateway(GatewayParts parts) {
  auto* server =
      new Server(std::move(parts));  // outlives every thread; the process ends with _exit
  return server->run();
}

}  // namespace postern
