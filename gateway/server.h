// server.h — the gateway's process: all its objects, put together and run.
#pragma once

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "gateway/bayes/learner.h"
#include "gateway/connection/listener.h"
#include "gateway/control/queue_desk.h"
#include "gateway/control/server.h"
#include "gateway/control/standing_orders.h"
#include "gateway/control/storm.h"
#include "gateway/control/storm_desk.h"
#include "gateway/delivery/dispatcher.h"
#include "gateway/net/blocking.h"
#include "gateway/net/http_server.h"
#include "gateway/net/pyzor_resolver.h"
#include "gateway/supervision.h"
#include "gateway/worker/remote_filter.h"

namespace postern {

/// A loop that serves sessions, with what belongs to it; on a thread of its own, or the main loop.
struct SessionThread {
  explicit SessionThread(Loop* main)
      : own(main ? nullptr : std::make_unique<Loop>()), loop(main ? *main : *own) {}

  std::unique_ptr<Loop> own;
  Loop& loop;
  std::unique_ptr<CaresResolver> dns;
  std::unique_ptr<PyzorResolver> resolver;  // over dns, for filters
  std::unique_ptr<SessionHost> host;
  std::vector<std::unique_ptr<Listener>> listeners;
  TaskGroup tasks;
  std::thread thread;
};

class Server {
 public:
  explicit Server(GatewayParts parts);
  ~Server();
  int run();

 private:
  Result<> open_queue();
  Result<> open_deliveries();
  Result<> open_orders();
  Result<> open_sessions();
  Result<> open_control();
  void add_pools(Loop& loop, unsigned loops);
  std::shared_ptr<const Listener::Generation> make_generation(
      const Configuration& configuration) const;
  std::shared_ptr<const DispatchConfig> make_dispatch_config(
      const Configuration& configuration) const;

  void open_storm();
  void apply_storm();
  std::vector<Step> make_steps(const Configuration& configuration) const;

  Task<void> follow_orders();
  Task<void> follow_signals();
  Task<void> reload();
  Task<void> shut_down();
  Task<void> end_thread(SessionThread& thread, OneShot<bool>& ended);

  GatewayParts parts_;
  std::shared_ptr<const Configuration> current_;  // what the last reload has read
  Control scan_control_, av_control_;             // of the zygotes, until the pools have them
  SystemClock clock_;
  UniqueFd signals_;  // SIGTERM, which no thread may take: watched before there are any
  Loop loop_;         // queue, deliveries, control
  BlockingPool files_{4};
  MessageIdSource ids_;
  std::unique_ptr<Spool> spool_;
  std::vector<MessageId> recovered_;
  std::unique_ptr<CaresResolver> resolver_;
  std::unique_ptr<Transports> transports_;
  std::unique_ptr<Dispatcher> dispatcher_;
  std::unique_ptr<StandingOrders> orders_;
  std::unique_ptr<StormWatch> watch_;
  std::unique_ptr<Storm> storm_;
  std::unique_ptr<Learners> learners_ = std::make_unique<Learners>();
  std::shared_ptr<WorkerPools> pools_ = std::make_shared<WorkerPools>();
  std::atomic<std::shared_ptr<const Listener::Generation>> generation_;
  std::atomic<std::uint64_t> memory_{0};
  ConnectionCount connections_;
  std::vector<std::unique_ptr<SessionThread>> threads_;
  std::unique_ptr<QueueDesk> desk_;
  std::unique_ptr<StormDesk> storm_desk_;
  std::unique_ptr<ControlServer> control_;
  std::unique_ptr<HttpServer> metrics_;
  TaskGroup tasks_;
  bool ending_ = false;
};

}  // namespace postern
