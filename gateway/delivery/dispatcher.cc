#include "gateway/delivery/dispatcher.h"

#include <algorithm>

#include "gateway/base/log.h"
#include "gateway/base/metrics.h"
#include "gateway/mail/address.h"

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

/// Placed in one go before the loop sees to everything else again.
constexpr int most_placed = 256;
/// Messages that are read from disk at once, the scheduler's fetches included.
constexpr std::size_t most_loading = 64;
/// Content up to this comes with the envelope; larger is read when the next hop is ready for it.
constexpr std::uint64_t small_content = 64U << 10;
/// How often a full or failing spool is looked at again.
constexpr milliseconds pause = seconds(1);

// How long a domain's site is believed, whatever its TTL: hosts move seldom, and a wrong grouping
// costs little.
constexpr std::chrono::seconds shortest_site = std::chrono::minutes(5);
constexpr std::chrono::seconds longest_site = std::chrono::hours(1);
constexpr std::chrono::seconds unknown_site = std::chrono::minutes(1);
constexpr milliseconds dns_patience = seconds(30);

}  // namespace

Dispatcher::Dispatcher(Parts parts, std::shared_ptr<const DispatchConfig> config)
    : parts_(parts),
      daemon_(parts.clock, parts.ids,
              [this](NoticeClass which, Letter letter) {
                tasks_.spawn(post_notice(which, std::move(letter)));
              }),
      scheduler_(parts.clock.steady()),
      timer_(parts.loop, [this] { pump(); }),
      random_(std::random_device{}()) {
  configure(std::move(config));
}

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

Queued Dispatcher::queued_of(const MessageSummary& message) const {
  Queued queued;
  queued.id = message.id;
  const auto age = std::max(parts_.clock.wall() - message.arrival, WallTime::duration(0));
  queued.accepted = parts_.clock.steady() - age;
  queued.fresh = message.attempts == 0;
  queued.null_sender = message.sender.empty();
  queued.warned = message.delay_notice_sent;
  return queued;
}

void Dispatcher::recovered(const MessageSummary& message) {
  if (!message.hold.empty()) return;
  const auto wait =
      std::chrono::duration_cast<milliseconds>(message.next_attempt - parts_.clock.wall());
  if (wait <= milliseconds(0)) {
    scheduler_.place_later(queued_of(message));
  } else {
    // A clock that jumped must not park mail for years (fault F15).
    scheduler_.wait_until(
        queued_of(message),
        parts_.clock.steady() + std::min(wait, config_->retry.maximal_backoff_time));
  }
}

void Dispatcher::start() {
  started_ = true;
  pump();
}

void Dispatcher::configure(std::shared_ptr<const DispatchConfig> config) {
  config_ = std::move(config);
  placing_.configure(config_->policies);
  scheduler_.configure(config_->scheduler, config_->retry,
                       config_->delivery->notices.delay_warning_time);
  configure_daemon();
  pump();
}

Placing::Moment Dispatcher::moment() const { return {parts_.loop.now(), parts_.clock.wall()}; }

void Dispatcher::take_arrivals() {
  std::vector<Arrival> arrivals;
  {
    const std::lock_guard lock(arrivals_mutex_);
    arrivals.swap(arrivals_);
  }
  const Placing::Moment now = moment();
  for (Arrival& arrival : arrivals) {
    const Envelope& envelope = *arrival.envelope;
    if (parts_.watch) parts_.watch->arrived(seen(envelope, 0), now.steady);
    if (!envelope.hold.empty()) continue;
    // An administrator may have been quicker with the spool's word for it.
    scheduler_.forget(envelope.id);
    const Queued queued{envelope.id, now.steady, true, envelope.sender.empty(), false};
    const Place where = placing_.of(envelope, now);
    if (!draining_ && scheduler_.admits(envelope, where, now.steady)) {
      activate(std::move(arrival.envelope), std::move(arrival.content), queued, false);
    } else {
      scheduler_.place(queued, where, now.steady);  // from disk, when its turn comes
      tell_watch_of_wait(queued.id, where, now.steady);
    }
  }
  pump();
}

/// Mail that a dead destination keeps waiting has failed as much as the mail that found it dead.
void Dispatcher::tell_watch_of_wait(MessageId id, const Place& where, SteadyTime now) {
  const bool suspended = !where.reason.empty();
  if (!parts_.watch || suspended || scheduler_.where(id, now).reason.empty()) return;
  parts_.spool.look(id, [&](const MessageSummary& message) {
    const std::string_view first = message.recipients.substr(0, message.recipients.find('\n'));
    parts_.watch->deferred({message.client, message.sender, domain_of(first)}, now);
  });
}

void Dispatcher::activate(std::shared_ptr<const Envelope> envelope, Content content,
                          const Queued& queued, bool last_call) {
  const Placing::Moment now = moment();
  const auto route = [this, &now](const Envelope& of, const QueuedRecipient& recipient) {
    return placing_.destined({of.sender, of.route}, recipient.address, now);
  };
  auto over = scheduler_.activate(std::move(envelope), std::move(content), queued, route, last_call,
                                  now.steady);
  if (over) tasks_.spawn(settle(std::move(over)));
}

void Dispatcher::pump() {
  if (!started_ || draining_) return;
  const SteadyTime now = parts_.loop.now();
  if (!parts_.spool.healthy()) {
    if (!std::exchange(paused_, true)) {
      log(paused, {});
      daemon_.errors().report(NoticeClass::resource, "delivery is paused",
                              "The queue cannot record what is delivered, so nothing is. Look at "
                              "the disk of spool_directory.");
    }
    timer_.set(now + pause);
    return;
  }
  if (std::exchange(paused_, false)) log(resumed, {});
  const bool more = place_due(now);
  while (auto next = scheduler_.next(now)) {
    if (next->work) {
      tasks_.spawn(deliver(std::move(*next->work)));
    } else {
      tasks_.spawn(fetch(*next->fetch));
    }
  }
  for (auto& [domain, key] : placing_.take_unknown()) tasks_.spawn(learn_site(domain, key));
  active_messages.set(static_cast<std::int64_t>(scheduler_.active()));
  deferred_messages.set(static_cast<std::int64_t>(scheduler_.backlog()));
  running_deliveries.set(static_cast<std::int64_t>(scheduler_.running()));
  // Reads that are under way pump when they end.
  if (more) {
    timer_.set(now);
  } else if (loading_.size() < most_loading) {
    timer_.set(scheduler_.wake_at());
  }
}

/// Whose time has come gets a place behind its destination. False when there is no more of that, or
/// too much is being read already.
bool Dispatcher::place_due(SteadyTime now) {
  for (int placed = 0; placed < most_placed; ++placed) {
    if (loading_.size() >= most_loading) return false;
    const auto due = scheduler_.take_due(now);
    if (!due) return false;
    if (due->alarm) {
      tasks_.spawn(last_call(due->message));
      continue;
    }
    parts_.spool.look(due->message.id, [&](const MessageSummary& message) {
      if (message.hold.empty())
        scheduler_.place(due->message, placing_.of(message, {now, parts_.clock.wall()}), now);
    });
  }
  return true;
}

/// Mail that waits under its domain's own name goes to that of its MX hosts.
Task<void> Dispatcher::learn_site(std::string domain, std::string waits_as) {
  const SteadyTime begin = parts_.loop.now();
  const DnsAnswer answer =
      co_await parts_.resolver.query(domain, RecordType::mx, begin + dns_patience);
  std::vector<std::string> hosts;
  std::chrono::seconds believed = unknown_site;
  if (answer.status == DnsStatus::found) {
    believed = std::clamp(std::chrono::seconds(answer.ttl), shortest_site, longest_site);
    for (const DnsRecord& record : answer.records) {
      if (!record.text.empty()) hosts.push_back(record.text);
    }
  }
  const bool found = !hosts.empty();
  placing_.learn(domain, std::move(hosts), parts_.loop.now() + believed);
  if (!found) co_return;
  scheduler_.place_anew(waits_as);
  pump();
}

void Dispatcher::tell_unreadable(MessageId id, const Error& error) {
  log(unreadable, {{"queue", id.text()}, {"error", error.what}});
  daemon_.errors().report(NoticeClass::resource, "queued mail cannot be read",
                          "It stays in the queue. Look at the disk of spool_directory.\n" +
                              id.text() + ": " + error.what);
}

/// The envelope from disk, and the content where it is small; null where there is nothing to do for
/// it any more, or nothing can be done now.
Task<Dispatcher::Arrival> Dispatcher::load(Queued message) {
  const MessageId id = message.id;
  loading_[id.value] = message;
  Spool& spool = parts_.spool;
  auto read = co_await parts_.threads.run(parts_.loop, [&spool, id]() -> Result<Arrival> {
    TRY(auto envelope, spool.envelope(id));
    Arrival arrival;
    if (envelope.content_size <= small_content) {
      TRY(arrival.content, spool.content(id));
    }
    arrival.envelope = std::make_shared<const Envelope>(std::move(envelope));
    return arrival;
  });
  loading_.erase(id.value);
  if (!read) {
    stopped_.erase(id.value);
    if (read.error().code != std::errc::no_such_file_or_directory) {
      tell_unreadable(id, read.error());
      scheduler_.wait_until(message, parts_.loop.now() + config_->retry.minimal_backoff_time);
    }
    co_return Arrival{};
  }
  const auto stopped = stopped_.find(id.value);
  const bool held = !read->envelope->hold.empty() ||
                    (stopped != stopped_.end() && stopped->second.how != Stopped::How::bounced);
  if (held || read->envelope->open_recipients() == 0) {
    stopped_.erase(id.value);
    co_return Arrival{};
  }
  if (is_active(id)) co_return Arrival{};  // it came in just now, and somebody wanted it tried
  co_return *std::move(read);
}

Task<void> Dispatcher::fetch(Scheduler::Fetch wanted) {
  Arrival loaded = co_await load(wanted.message);
  if (loaded.envelope)
    activate(std::move(loaded.envelope), std::move(loaded.content), wanted.message, false);
  scheduler_.fetched(wanted);
  pump();
}

/// A message that has waited for its turn until its end of life, or long enough that its sender is
/// to hear of it.
Task<void> Dispatcher::last_call(Queued message) {
  Arrival loaded = co_await load(message);
  if (loaded.envelope)
    activate(std::move(loaded.envelope), std::move(loaded.content), message, true);
  pump();
}

Task<void> Dispatcher::deliver(Work work) {
  DeliveryOutcome outcome = co_await attempt(work);
  std::vector<RecipientResult> results;
  results.reserve(outcome.recipients.size());
  for (auto& recipient : outcome.recipients)
    results.push_back(
        {recipient.recipient, std::move(recipient.reply), outcome.remote, recipient.handover});
  const double random = std::uniform_real_distribution<double>(0, 1)(random_);
  auto over = scheduler_.finished(std::move(work), std::move(results), outcome.reached,
                                  parts_.loop.now(), random);
  for (auto& message : over) tasks_.spawn(settle(std::move(message)));
  pump();
}

Task<DeliveryOutcome> Dispatcher::attempt(const Work& work) {
  const MessageId id = work.message->envelope->id;
  const auto same_for_all = [&work](const Reply& answer) {
    DeliveryOutcome outcome;
    outcome.reached = true;  // nothing is known of the next hop
    for (const auto i : work.recipients) outcome.recipients.push_back({i, answer});
    return outcome;
  };
  if (const auto stopped = stopped_.find(id.value); stopped != stopped_.end()) {
    co_return same_for_all(stopped->second.how == Stopped::How::bounced
                               ? reply(550, {5, 0, 0}, stopped->second.text)
                               : reply(450, {4, 2, 0}, "held by the administrator"));
  }
  if (!work.message->content) {
    Spool& spool = parts_.spool;
    auto content =
        co_await parts_.threads.run(parts_.loop, [&spool, id] { return spool.content(id); });
    if (!content) {
      tell_unreadable(id, content.error());
      co_return same_for_all(reply(451, {4, 3, 0}, "queue file read error"));
    }
    work.message->content = std::move(*content);
  }
  DeliveryJob job{work.message->envelope, work.message->content, work.route, work.recipients};
  co_return co_await parts_.transport.deliver(std::move(job));
}

Task<Result<>> Dispatcher::store(Envelope envelope, Content content) {
  OneShot<Result<>> stored;
  const auto shared = std::make_shared<const Envelope>(std::move(envelope));
  parts_.spool.accept(shared, content, [this, &stored](Result<> result) {
    parts_.loop.post(
        [&stored, result = std::move(result)]() mutable { stored.set(std::move(result)); });
  });
  auto result = co_await stored.wait();
  if (!result) co_return result;
  const auto wait =
      std::chrono::duration_cast<milliseconds>(shared->next_attempt - parts_.clock.wall());
  if (wait > milliseconds(0)) {
    const SteadyTime now = parts_.loop.now();
    scheduler_.wait_until({shared->id, now, true, shared->sender.empty(), false}, now + wait);
  } else {
    add(shared, std::move(content));
  }
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

}  // namespace postern
