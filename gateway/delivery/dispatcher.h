// dispatcher.h — drives the scheduler: takes mail in, starts deliveries, records what became of it.
//
// Lives on one loop; add() alone may be called from anywhere. The order of writing keeps the
// queue's invariant: a recipient is recorded as delivered after the next hop's 250, as bounced
// after the bounce is on stable storage, and while the spool cannot record, no delivery is started,
// since it would be repeated.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "gateway/delivery/mailer_daemon.h"
#include "gateway/delivery/placing.h"
#include "gateway/delivery/settings.h"
#include "gateway/delivery/transports.h"
#include "gateway/queue/spool.h"
#include "gateway/scheduler/scheduler.h"
#include "policies/policies.h"
#include "policies/retry.h"
#include "policies/storm_watch.h"

namespace postern {

/// One configuration generation of what comes after the queue.
struct DispatchConfig {
  std::shared_ptr<const Policies> policies;
  std::shared_ptr<const DeliverySettings> delivery;
  SchedulerSettings scheduler;
  RetrySettings retry;
  std::string myhostname;
};

class Dispatcher {
 public:
  struct Parts {
    Loop& loop;
    Spool& spool;
    Transport& transport;
    Resolver& resolver;
    BlockingPool& threads;
    const Clock& clock;
    MessageIdSource& ids;
    StormWatch* watch = nullptr;  // is told of arrivals and first failures
  };

  Dispatcher(Parts parts, std::shared_ptr<const DispatchConfig> config);
  ~Dispatcher();

  /// A message on stable storage, to be delivered now; from any thread.
  void add(std::shared_ptr<const Envelope> envelope, Content content);
  /// A message found by recovery; before the loop runs.
  void recovered(const MessageSummary& message);

  // From here on: on the loop.
  void start();
  void configure(std::shared_ptr<const DispatchConfig> config);
  std::shared_ptr<const DispatchConfig> config() const { return config_; }
  /// Starts nothing more; returns when no delivery runs, or at the deadline.
  Task<void> drain(SteadyTime deadline);

  // The administrator's hand. Each change is on stable storage when the task returns; an error
  // no_such_file_or_directory: there is no such message.
  Task<Result<>> hold(MessageId id, std::string reason);
  Task<Result<>> release(MessageId id);
  Task<Result<>> remove(MessageId id);
  /// Another next hop, as a transport table writes it, from the next attempt on, which is now; ""
  /// goes back to the tables.
  Task<Result<>> reroute(MessageId id, std::string route);
  /// Ends the message as undeliverable: its sender is told `text`, by the rules of bounces.
  Task<Result<>> bounce(MessageId id, std::string text);
  /// All deferred mail is tried now.
  void flush();
  /// This message is tried now, by the routes of now. Held ones stay.
  void flush(MessageId id);
  /// For what a postmaster should know.
  ErrorManager& errors() { return daemon_.errors(); }

  /// In force for the next delivery; what runs goes on. Keeping them over a restart is the
  /// caller's.
  void suspend(Suspension suspension);
  bool resume(Suspension::Of of, const std::string& pattern);
  const Suspensions& suspensions() const { return placing_.suspensions(); }

  Whereabouts where(MessageId id) const;
  bool is_active(MessageId id) const {
    return scheduler_.is_active(id) || loading_.contains(id.value) || settling_.contains(id.value);
  }
  const Scheduler& scheduler() const { return scheduler_; }

 private:
  struct Arrival {
    std::shared_ptr<const Envelope> envelope;
    Content content;
  };
  /// What an administrator wants of a message while it is active.
  struct Stopped {
    enum class How : std::uint8_t { held, removed, bounced } how = How::held;
    std::string text;
  };

  void take_arrivals();
  void activate(std::shared_ptr<const Envelope> envelope, Content content, const Queued& queued,
                bool last_call);
  void pump();
  bool place_due(SteadyTime now);
  Task<void> learn_site(std::string domain, std::string waits_as);
  Task<void> fetch(Scheduler::Fetch wanted);
  Task<void> last_call(Queued message);
  Task<Arrival> load(Queued message);
  void tell_unreadable(MessageId id, const Error& error);
  Task<void> deliver(Work work);
  Task<DeliveryOutcome> attempt(const Work& work);
  Task<void> settle(std::shared_ptr<ActiveMessage> message);
  using Results = std::vector<const RecipientResult*>;
  Task<bool> bounce(const ActiveMessage& message, const Results& failed);
  Task<void> tell_successes(const ActiveMessage& message, const Results& taken);
  Task<Result<>> write_success(const ActiveMessage& message, std::vector<DsnRecipient> recipients);
  Task<bool> tell_delay(const ActiveMessage& message, const Results& open, milliseconds age);
  Task<Result<Content>> content_of(const ActiveMessage& message);
  Task<Result<>> post(MailerDaemon::Outgoing outgoing);
  Task<void> post_notice(NoticeClass which, Letter letter);
  void configure_daemon();
  Task<Result<>> store(Envelope envelope, Content content);
  Task<Result<>> record(Progress change);
  milliseconds backoff(const ActiveMessage& message);
  static StormWatch::Seen seen(const Envelope& envelope, std::uint32_t recipient);
  void tell_watch(const ActiveMessage& message);
  void tell_watch_of_wait(MessageId id, const Place& where, SteadyTime now);
  Placing::Moment moment() const;
  Queued queued_of(const MessageSummary& message) const;
  std::optional<Queued> recall(MessageId id);

  Parts parts_;
  std::shared_ptr<const DispatchConfig> config_;
  MailerDaemon daemon_;
  Placing placing_;
  Scheduler scheduler_;
  std::mutex arrivals_mutex_;
  std::vector<Arrival> arrivals_;
  std::unordered_map<std::uint64_t, Queued> loading_;   // being read from disk
  std::unordered_set<std::uint64_t> settling_;          // their attempt is being recorded
  std::unordered_map<std::uint64_t, Stopped> stopped_;  // while active
  Timer timer_;
  TaskGroup tasks_;
  bool started_ = false;
  bool draining_ = false;
  bool paused_ = false;  // the spool cannot record
  std::mt19937_64 random_;
};

}  // namespace postern
