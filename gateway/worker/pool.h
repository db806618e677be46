// pool.h — the gateway's side of the cage: workers of one kind, for the sessions of one loop.
//
// ask() takes an idle worker or waits in line, sends the question, and waits for the answer until
// the deadline. A worker that dies, hangs, or says anything but the one expected answer is killed
// through its zygote and replaced; that costs its message one retry on another worker, then an
// error (the guard's on_failure decides), and no other message anything (faults F20, F22, F61).
// More than five such losses in a minute open the circuit breaker (breaker.h).
//
// Everything but the constructor's arguments belongs to the loop's thread.
#pragma once

#include <cstdint>
#include <deque>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gateway/base/metrics.h"
#include "gateway/base/unique_fd.h"
#include "gateway/net/loop.h"
#include "gateway/net/socket.h"
#include "gateway/pipeline/filter.h"
#include "gateway/worker/breaker.h"
#include "gateway/worker/digest_lookup.h"
#include "gateway/worker/frame.h"
#include "gateway/worker/lookup.h"
#include "gateway/worker/request.h"

namespace postern {

/// A zygote's control socket, shared by the pools of all loops. When the last pool has moved on to
/// another zygote and the last worker of this one has finished, it is closed, and the zygote ends.
using Control = std::shared_ptr<const UniqueFd>;

struct PoolSettings {
  std::string kind = "scan";  // for log lines and metrics
  unsigned workers = 1;
  milliseconds scan_deadline = seconds(30);   // for one attempt
  milliseconds start_deadline = seconds(20);  // from fork to ready
  std::size_t waiting_limit = 1000;
  unsigned lookups = 0;  // questions to DNS and Pyzor that a worker may have for one message
};

class WorkerPool {
 public:
  /// Starts the workers at once. `control` may be null: then the pool waits for set_control().
  WorkerPool(Loop& loop, Control control, PoolSettings settings);
  ~WorkerPool();  // after close()
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  /// Asks `filter` of a worker. Errors: timed_out, broken_pipe (the worker died or lied, or all are
  /// dead), resource_unavailable_try_again (the line is too long), or what the filter itself said.
  Task<Answer> ask(std::string filter, Context context, Message message);

  /// A new zygote (reload, or the old one died): new workers come from it; idle ones of the old are
  /// dropped now, busy ones when they have answered.
  void set_control(Control control);

  /// Ends all workers; questions under way fail. To be awaited before the pool is destroyed.
  Task<> close();

  struct Status {
    std::uint32_t pid;  // as the worker said
    bool busy;
    std::string sandbox;
  };
  /// The workers that are ready, for the control socket and for tests.
  std::vector<Status> status() const;
  bool degraded() { return breaker_.open(loop_.now()); }

 private:
  struct Worker;
  struct Waiter;
  struct Job;
  using WorkerPointer = std::shared_ptr<Worker>;
  enum class Loss : std::uint8_t {
    died,
    timed_out,
    garbled,
    retired,
    replaced,
    no_zygote,
    closing
  };
  static std::string_view loss_name(Loss loss);
  /// An order to a zygote.
  struct Order {
    FrameKind kind;
    Control control;
    std::uint64_t token;  // our name for the worker
    UniqueFd descriptor;
  };
  /// How one try with one worker ended.
  struct Attempt {
    Answer answer;
    bool worker_lost = false;
  };
  struct Meters {
    explicit Meters(const std::string& kind);
    Counter& asked;
    Counter& crashes;
    Counter& timeouts;
    Gauge& alive;
    Gauge& waiting;
    Gauge& degraded;
  };

  Task<Attempt> attempt(const EncodedRequest& request, Context context, bool fresh);
  Task<Result<WorkerPointer>> acquire(SteadyTime deadline, bool fresh);
  WorkerPointer take_idle(bool fresh);
  Task<> send(WorkerPointer worker, std::string octets, int descriptor, SteadyTime deadline);

  Task<> watch(WorkerPointer worker);
  bool receive(const WorkerPointer& worker, FrameReader& reader);
  bool handle(const WorkerPointer& worker, const Frame& frame);
  bool welcome(const WorkerPointer& worker, const Frame& frame);
  bool look_up(const WorkerPointer& worker, const Frame& frame);
  bool look_up_digest(const WorkerPointer& worker, const Frame& frame);
  bool may_look_up(const WorkerPointer& worker, const Frame& frame);
  Task<> answer_lookup(WorkerPointer worker, std::uint64_t question, Lookup lookup, Resolver& dns,
                       SteadyTime deadline);
  Task<> answer_digest(WorkerPointer worker, std::uint64_t question, DigestLookup lookup,
                       Resolver& dns, SteadyTime deadline);
  Task<> say(WorkerPointer worker, std::uint64_t question, FrameKind kind, std::string body,
             SteadyTime deadline);
  void release(const WorkerPointer& worker);
  void lose(WorkerPointer worker, Loss loss, const std::string& what);
  void expired(std::uint64_t token);

  void fill();
  bool start_worker();
  void give(Order order);
  void send_orders();
  bool undeliverable(const Order& order, const Error& error);
  void fail_line(std::errc code, const std::string& what);
  void leave_line(Waiter* waiter);
  void note_degradation();
  std::size_t current_workers() const;

  Loop& loop_;
  PoolSettings settings_;
  Meters meters_;
  Control control_;
  bool zygote_gone_ = false;
  bool closing_ = false;
  bool was_degraded_ = false;
  bool sandbox_logged_ = false;
  Breaker breaker_;
  Timer start_timer_;
  Timer order_timer_;
  std::deque<Order> orders_;
  std::vector<WorkerPointer> workers_;  // all that live, in any state
  std::vector<WorkerPointer> idle_;     // the warmest at the back
  std::list<Waiter*> line_;
  TaskGroup watchers_;
};

}  // namespace postern
