// dispatcher.h — drives the scheduler: takes mail in, starts deliveries, records what became of it.
//
// Lives on one loop; add() alone may be called from anywhere. The order of writing keeps the
// queue's invariant: a recipient is recorded as delivered after the next hop's 250, as bounced
// after the bounce is on stable storage, and while the spool cannot record, no delivery is started,
// since it would be repeated.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <unordered_map>
#include <vector>

#include "gateway/delivery/settings.h"
#include "gateway/delivery/transports.h"
#include "gateway/queue/spool.h"
#include "gateway/scheduler/scheduler.h"
#include "policies/policies.h"
#include "policies/retry.h"

namespace postern {

/// One configuration generation of what comes after the queue.
struct DispatchConfig {
  std::shared_ptr<const Policies> policies;
  std::shared_ptr<const DeliverySettings> delivery;
  RetrySettings retry;
  std::string myhostname;
};

class Dispatcher {
 public:
  struct Parts {
    Loop& loop;
    Spool& spool;
    Transport& transport;
    BlockingPool& threads;
    const Clock& clock;
    MessageIdSource& ids;
  };

  Dispatcher(Parts parts, SchedulerSettings settings, std::shared_ptr<const DispatchConfig> config);
  ~Dispatcher();

  /// A message on stable storage, to be delivered now; from any thread.
  void add(std::shared_ptr<const Envelope> envelope, Content content);
  /// A message found by recovery that is not held; before the loop runs.
  void recovered(MessageId id, WallTime next_attempt);

  // From here on: on the loop.
  void start();
  void configure(std::shared_ptr<const DispatchConfig> config);
  /// Starts nothing more; returns when no delivery runs, or at the deadline.
  Task<void> drain(SteadyTime deadline);

  // The administrator's hand. Each change is on stable storage when the task returns.
  Task<Result<>> hold(MessageId id, std::string reason);
  Task<Result<>> release(MessageId id);
  Task<Result<>> remove(MessageId id);
  /// All deferred mail is tried now.
  void flush();
  /// This message is tried now.
  void flush(MessageId id);
  bool is_active(MessageId id) const { return scheduler_.is_active(id); }
  const Scheduler& scheduler() const { return scheduler_; }

 private:
  struct Arrival {
    std::shared_ptr<const Envelope> envelope;
    Content content;
  };
  enum class Stopped { held, removed };

  void take_arrivals();
  void activate(std::shared_ptr<const Envelope> envelope, Content content);
  void pump();
  enum class Why { its_turn, due };
  Task<void> load(MessageId id, Why why);
  Task<void> deliver(Work work);
  std::vector<RecipientResult> outcome_of(const Work& work, DeliveryOutcome outcome);
  Task<void> settle(std::shared_ptr<ActiveMessage> message);
  Task<bool> bounce(const ActiveMessage& message,
                    const std::vector<const RecipientResult*>& failed);
  Task<Result<>> store(Envelope envelope, Content content);
  Task<Result<>> record(Progress change);
  milliseconds backoff(const Envelope& envelope);

  Parts parts_;
  std::shared_ptr<const DispatchConfig> config_;
  Scheduler scheduler_;
  std::mutex arrivals_mutex_;
  std::vector<Arrival> arrivals_;
  std::deque<MessageId> waiting_;  // fresh mail for which the active queue had no room
  std::deque<MessageId> retries_;  // to be tried now, whatever their time; behind fresh mail
  std::unordered_map<std::uint64_t, Stopped> stopped_;  // while active: what an administrator wants
  std::size_t loading_ = 0;
  Timer timer_;
  TaskGroup tasks_;
  bool draining_ = false;
  bool paused_ = false;  // the spool cannot record
  std::mt19937_64 random_;
};

}  // namespace postern
