#include "gateway/delivery/dispatcher.h"

#include <algorithm>

#include "gateway/base/log.h"
#include "gateway/base/metrics.h"

namespace postern {
namespace {

constexpr Event paused{
    "delivery-paused", Level::error,
    "The queue cannot record what is delivered, so nothing is: it would be sent again. Free or "
    "repair the disk of spool_directory; delivery goes on by itself."};
constexpr Event resumed{"delivery-resumed", Level::warning,
                        "The queue can record again, and deliveries go on."};
constexpr Event unreadable{
    "queue-read-failed", Level::error,
    "A queued message could not be read back. It stays queued; look at the disk."};

Gauge& active_messages = gauge("postern_queue_active", "Messages in the active queue.");
Gauge& deferred_messages =
    gauge("postern_queue_deferred", "Messages that wait for their next attempt.");
Gauge& running_deliveries = gauge("postern_deliveries_running", "Deliveries under way.");

// So many reads of queued messages are under way at once.
constexpr std::size_t most_loading = 32;
// How often a full or failing spool is looked at again.
constexpr milliseconds pause = seconds(1);

}  // namespace

Dispatcher::Dispatcher(Parts parts, SchedulerSettings settings,
                       std::shared_ptr<const DispatchConfig> config)
    : parts_(parts),
      config_(std::move(config)),
      scheduler_(settings),
      timer_(parts.loop, [this] { pump(); }),
      random_(std::random_device{}()) {}

Dispatcher::~Dispatcher() = default;

void Dispatcher::add(std::shared_ptr<const Envelope> envelope, Content content) {
  bool first = false;
  {
    const std::lock_guard lock(arrivals_mutex_);
    first = arrivals_.empty();
    arrivals_.push_back({std::move(envelope), std::move(content)});
  }
  // One wake-up for all that a commit brings.
  if (first) parts_.loop.post([this] { take_arrivals(); });
}

void Dispatcher::recovered(MessageId id, WallTime next_attempt) {
  const auto wait = std::chrono::duration_cast<milliseconds>(next_attempt - parts_.clock.wall());
  if (wait <= milliseconds(0)) {
    (next_attempt == WallTime{} ? waiting_ : retries_).push_back(id);
    return;
  }
  // A clock that jumped must not park mail for years (fault F15).
  scheduler_.defer(id, parts_.loop.now() + std::min(wait, config_->retry.maximal_backoff_time));
}

void Dispatcher::start() { pump(); }

void Dispatcher::configure(std::shared_ptr<const DispatchConfig> config) {
  config_ = std::move(config);
  pump();
}

void Dispatcher::take_arrivals() {
  std::vector<Arrival> arrivals;
  {
    const std::lock_guard lock(arrivals_mutex_);
    arrivals.swap(arrivals_);
  }
  for (Arrival& arrival : arrivals) {
    if (!arrival.envelope->hold.empty()) continue;
    if (draining_ || !scheduler_.has_room(true) || !waiting_.empty()) {
      waiting_.push_back(arrival.envelope->id);  // in order, and from disk when its turn comes
    } else {
      activate(std::move(arrival.envelope), std::move(arrival.content));
    }
  }
  pump();
}

void Dispatcher::activate(std::shared_ptr<const Envelope> envelope, Content content) {
  const auto route = [this](const QueuedRecipient& recipient) {
    return config_->policies->routes.route_for(recipient.address);
  };
  auto over =
      scheduler_.activate(std::move(envelope), std::move(content), route, parts_.loop.now());
  if (over) tasks_.spawn(settle(std::move(over)));
}

void Dispatcher::pump() {
  if (draining_) return;
  const SteadyTime now = parts_.loop.now();
  if (!parts_.spool.healthy()) {
    if (!std::exchange(paused_, true)) log(paused, {});
    timer_.set(now + pause);
    return;
  }
  if (std::exchange(paused_, false)) log(resumed, {});
  while (loading_ < most_loading && !waiting_.empty() && scheduler_.has_room(true)) {
    const MessageId id = waiting_.front();
    waiting_.pop_front();
    tasks_.spawn(load(id, Why::its_turn));
  }
  while (loading_ < most_loading && !retries_.empty() && scheduler_.has_room(false)) {
    const MessageId id = retries_.front();
    retries_.pop_front();
    tasks_.spawn(load(id, Why::its_turn));
  }
  while (loading_ < most_loading && scheduler_.has_room(false)) {
    const auto id = scheduler_.take_due(now);
    if (!id) break;
    tasks_.spawn(load(*id, Why::due));
  }
  while (auto work = scheduler_.next(now)) tasks_.spawn(deliver(std::move(*work)));
  active_messages.set(static_cast<std::int64_t>(scheduler_.active()));
  deferred_messages.set(static_cast<std::int64_t>(scheduler_.deferred()));
  running_deliveries.set(static_cast<std::int64_t>(scheduler_.running()));
  const SteadyTime wake = scheduler_.wake_at();
  timer_.set(wake <= now ? now + milliseconds(100) : wake);  // due, but no room: look again soon
}

// Brings a message from disk into the active queue.
Task<void> Dispatcher::load(MessageId id, Why why) {
  ++loading_;
  Spool& spool = parts_.spool;
  auto envelope =
      co_await parts_.threads.run(parts_.loop, [&spool, id] { return spool.envelope(id); });
  --loading_;
  if (!envelope) {
    if (envelope.error().code != std::errc::no_such_file_or_directory) {
      log(unreadable, {{"queue", id.text()}, {"error", envelope.error().what}});
      scheduler_.defer(id, parts_.loop.now() + config_->retry.minimal_backoff_time);
    }
  } else if (envelope->hold.empty() && envelope->open_recipients() > 0 &&
             !scheduler_.is_active(id)) {
    // It may have been tried since it was deferred for this time (queue flush): then another time
    // stands for it.
    const auto wait = std::chrono::duration_cast<milliseconds>(envelope->next_attempt - parts_.clock.wall());
    if (why == Why::due && wait > seconds(1)) {
      scheduler_.defer(id, parts_.loop.now() + std::min(wait, config_->retry.maximal_backoff_time));
    } else {
      auto loaded = std::make_shared<const Envelope>(std::move(*envelope));
      activate(std::move(loaded), nullptr);
    }
  }
  pump();
}

Task<void> Dispatcher::deliver(Work work) {
  DeliveryOutcome outcome;
  const MessageId id = work.message->envelope->id;
  const auto stopped = stopped_.find(id.value);
  if (stopped != stopped_.end()) {
    outcome.reached = true;
    for (const auto i : work.recipients)
      outcome.recipients.push_back({i, reply(450, {4, 2, 0}, "held by the administrator")});
  } else {
    if (!work.message->content) {
      Spool& spool = parts_.spool;
      auto content =
          co_await parts_.threads.run(parts_.loop, [&spool, id] { return spool.content(id); });
      if (content) {
        work.message->content = std::move(*content);
      } else {
        log(unreadable, {{"queue", id.text()}, {"error", content.error().what}});
      }
    }
    if (work.message->content) {
      DeliveryJob job{work.message->envelope, work.message->content, work.route, work.recipients};
      outcome = co_await parts_.transport.deliver(std::move(job));
    } else {
      outcome.reached = true;
      for (const auto i : work.recipients)
        outcome.recipients.push_back({i, reply(451, {4, 3, 0}, "queue file read error")});
    }
  }
  const bool reached = outcome.reached;
  auto results = outcome_of(work, std::move(outcome));
  const SteadyTime now = parts_.loop.now();
  const SteadyTime dead_until = now + config_->retry.minimal_backoff_time;
  auto over = scheduler_.finished(std::move(work), std::move(results), reached, now, dead_until);
  for (auto& message : over) tasks_.spawn(settle(std::move(message)));
  pump();
}

std::vector<RecipientResult> Dispatcher::outcome_of(const Work& work, DeliveryOutcome outcome) {
  std::vector<RecipientResult> results;
  results.reserve(work.recipients.size());
  for (auto& recipient : outcome.recipients) {
    results.push_back({recipient.recipient, std::move(recipient.reply), outcome.remote});
  }
  return results;
}

Task<Result<>> Dispatcher::store(Envelope envelope, Content content) {
  OneShot<Result<>> stored;
  const auto shared = std::make_shared<const Envelope>(std::move(envelope));
  parts_.spool.accept(shared, content, [this, &stored](Result<> result) {
    parts_.loop.post(
        [&stored, result = std::move(result)]() mutable { stored.set(std::move(result)); });
  });
  auto result = co_await stored.wait();
  if (result) add(shared, std::move(content));
  co_return result;
}

Task<Result<>> Dispatcher::record(Progress change) {
  OneShot<Result<>> recorded;
  parts_.spool.progress(std::move(change), [this, &recorded](Result<> result) {
    parts_.loop.post(
        [&recorded, result = std::move(result)]() mutable { recorded.set(std::move(result)); });
  });
  co_return co_await recorded.wait();
}

Task<void> Dispatcher::drain(SteadyTime deadline) {
  draining_ = true;
  timer_.clear();
  while (tasks_.count() > 0 && parts_.loop.now() < deadline) {
    co_await parts_.loop.sleep_until(parts_.loop.now() + milliseconds(20));
  }
}

Task<Result<>> Dispatcher::hold(MessageId id, std::string reason) {
  if (scheduler_.is_active(id)) stopped_[id.value] = Stopped::held;
  Progress change;
  change.id = id;
  change.attempted = false;
  change.hold = Progress::Hold::set;
  change.hold_reason = std::move(reason);
  co_return co_await record(std::move(change));
}

Task<Result<>> Dispatcher::release(MessageId id) {
  stopped_.erase(id.value);
  Progress change;
  change.id = id;
  change.attempted = false;
  change.hold = Progress::Hold::clear;
  auto recorded = co_await record(std::move(change));
  if (recorded) flush(id);
  co_return recorded;
}

Task<Result<>> Dispatcher::remove(MessageId id) {
  if (scheduler_.is_active(id)) stopped_[id.value] = Stopped::removed;
  OneShot<Result<>> removed;
  parts_.spool.remove(id, [this, &removed](Result<> result) {
    parts_.loop.post(
        [&removed, result = std::move(result)]() mutable { removed.set(std::move(result)); });
  });
  co_return co_await removed.wait();
}

void Dispatcher::flush() {
  for (const MessageId id : scheduler_.take_all_deferred()) retries_.push_back(id);
  pump();
}

void Dispatcher::flush(MessageId id) {
  if (!scheduler_.is_active(id)) retries_.push_back(id);
  pump();
}

}  // namespace postern
