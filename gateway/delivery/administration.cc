// administration.cc — the part of the dispatcher that an administrator's hand moves.
#include "gateway/delivery/dispatcher.h"

namespace postern {

/// From the backlog, or as the spool knows it; nothing where there is no such message.
std::optional<Queued> Dispatcher::recall(MessageId id) {
  if (auto queued = scheduler_.forget(id)) return queued;
  std::optional<Queued> found;
  parts_.spool.look(id, [&](const MessageSummary& message) { found = queued_of(message); });
  return found;
}

Task<Result<>> Dispatcher::hold(MessageId id, std::string reason) {
  if (is_active(id)) {
    stopped_[id.value] = {Stopped::How::held, reason};
  } else {
    scheduler_.forget(id);
  }
  Progress change;
  change.id = id;
  change.attempted = false;
  change.hold = Progress::Hold::set;
  change.hold_reason = std::move(reason);
  // Where it could not be recorded it is in force all the same, until a restart (Spool::progress).
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
  if (is_active(id)) {
    stopped_[id.value] = {Stopped::How::removed, {}};
  } else {
    scheduler_.forget(id);
  }
  OneShot<Result<>> removed;
  parts_.spool.remove(id, [this, &removed](Result<> result) {
    parts_.loop.post(
        [&removed, result = std::move(result)]() mutable { removed.set(std::move(result)); });
  });
  co_return co_await removed.wait();
}

Task<Result<>> Dispatcher::reroute(MessageId id, std::string route) {
  Progress change;
  change.id = id;
  change.attempted = false;
  change.route = std::move(route);
  auto recorded = co_await record(std::move(change));
  if (recorded) flush(id);
  co_return recorded;
}

Task<Result<>> Dispatcher::bounce(MessageId id, std::string text) {
  if (settling_.contains(id.value)) {
    co_return fail(std::errc::resource_unavailable_try_again,
                   "an attempt at " + id.text() + " is just being recorded: try again");
  }
  if (is_active(id)) {
    stopped_[id.value] = {Stopped::How::bounced, std::move(text)};
    co_return Result<>{};
  }
  const auto queued = recall(id);
  if (!queued)
    co_return fail(std::errc::no_such_file_or_directory,
                   "no message " + id.text() + " in the queue");
  // Held mail, too: what is not wanted any more is often what was held.
  Spool& spool = parts_.spool;
  loading_[id.value] = *queued;
  auto envelope =
      co_await parts_.threads.run(parts_.loop, [&spool, id] { return spool.envelope(id); });
  loading_.erase(id.value);
  if (!envelope) {
    scheduler_.place_later(*queued);
    co_return std::unexpected(std::move(envelope).error());
  }
  auto message = std::make_shared<ActiveMessage>();
  message->queued = *queued;
  for (std::uint32_t i = 0; i < envelope->recipients.size(); ++i) {
    if (envelope->recipients[i].open())
      message->results.push_back({i, reply(550, {5, 0, 0}, text), ""});
  }
  message->envelope = std::make_shared<const Envelope>(std::move(*envelope));
  co_await settle(std::move(message));
  co_return Result<>{};
}

void Dispatcher::flush() {
  scheduler_.flush(parts_.loop.now());
  pump();
}

void Dispatcher::flush(MessageId id) {
  if (is_active(id)) return;
  const Whereabouts whereabouts = where(id);
  if (whereabouts.state == Whereabouts::State::turn) scheduler_.revive_destination_of(id);
  const auto queued = recall(id);
  if (queued) scheduler_.place_later(*queued);  // a held one stops when it is placed
  pump();
}

void Dispatcher::suspend(Suspension suspension) {
  placing_.suspensions().expire(parts_.clock.wall());
  placing_.suspensions().add(std::move(suspension));
  scheduler_.place_all_anew();
  pump();
}

bool Dispatcher::resume(Suspension::Of of, const std::string& pattern) {
  if (!placing_.suspensions().remove(of, pattern)) return false;
  scheduler_.place_all_anew();
  pump();
  return true;
}

Whereabouts Dispatcher::where(MessageId id) const {
  if (is_active(id)) return {Whereabouts::State::active, SteadyTime::max(), {}};
  return scheduler_.where(id, parts_.loop.now());
}

}  // namespace postern
