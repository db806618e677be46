#include "gateway/scheduler/scheduler.h"

#include <algorithm>
#include <map>

namespace postern {
namespace {

/// Reads from disk under way at once. More would only queue up in front of the threads that read.
constexpr std::size_t most_fetching = 32;
/// Of five turns four are the fresh mail's, where both wait; and so are four fifths of all room.
constexpr unsigned turns = 5;
constexpr std::size_t retries_share(std::int64_t limit) {
  return static_cast<std::size_t>(limit - limit / static_cast<std::int64_t>(turns));
}

Reply suspended(const Destination& to) {
  return reply(451, {4, 4, 1}, "Delivery temporarily suspended: " + to.dead_reason());
}

Reached judge(bool reached, const std::vector<RecipientResult>& results) {
  if (!reached) return Reached::no;
  const auto deferred = [](const RecipientResult& result) { return result.reply.temporary(); };
  return std::ranges::all_of(results, deferred) ? Reached::deferred : Reached::took;
}

}  // namespace

bool Scheduler::has_room(Lane lane) const {
  if (lane == Lane::memory) return true;
  const auto limit = lane == Lane::retry
                         ? retries_share(settings_.qmgr_message_active_limit)
                         : static_cast<std::size_t>(settings_.qmgr_message_active_limit);
  return fetching_ < most_fetching && active_.size() + fetching_ < limit &&
         active_recipients_ < static_cast<std::size_t>(settings_.qmgr_message_recipient_limit) &&
         active_content_ < settings_.active_content_limit;
}

bool Scheduler::has_slot(Lane lane) const {
  const auto limit = static_cast<std::size_t>(settings_.default_process_limit);
  if (running_ + fetching_ >= limit && lane != Lane::memory) return false;
  if (lane == Lane::retry)
    return running_retries_ + fetching_ < retries_share(settings_.default_process_limit);
  return running_ < limit;
}

bool Scheduler::admits(const Envelope& envelope, const Place& where, SteadyTime now) const {
  if (active_.size() >= static_cast<std::size_t>(settings_.qmgr_message_active_limit) ||
      active_recipients_ >= static_cast<std::size_t>(settings_.qmgr_message_recipient_limit) ||
      active_content_ >= settings_.active_content_limit || where.suspended_until > now) {
    return false;
  }
  const std::int64_t share = std::max<std::int64_t>(
      1, settings_.qmgr_message_active_limit * settings_.qmgr_active_share_limit / 100);
  const bool several = where.key == Place::several;
  if (shares_.over(envelope.sender, envelope.client_address, several ? "" : where.key, share))
    return false;
  const auto known = numbers_.find(where.key);
  if (known == numbers_.end()) return true;
  const Destination& to = *destinations_[known->second];
  return !to.dead(now) && !to.has(Lane::fresh);
}

std::shared_ptr<ActiveMessage> Scheduler::activate(std::shared_ptr<const Envelope> envelope,
                                                   Content content, const Queued& queued,
                                                   const Router& route, bool last_call,
                                                   SteadyTime now) {
  auto message = std::make_shared<ActiveMessage>();
  message->queued = queued;

  // Recipients that share route and variant travel together. The destination is wider: Maildirs are
  // one destination, each with a route of its own, and a site has many domains.
  struct Group {
    Route route;
    Destination* to = nullptr;
    std::vector<std::uint32_t> recipients;
  };
  std::map<std::pair<std::string, std::uint8_t>, Group> groups;
  for (std::uint32_t i = 0; i < envelope->recipients.size(); ++i) {
    const QueuedRecipient& recipient = envelope->recipients[i];
    if (!recipient.open()) continue;
    auto found = route(*envelope, recipient);
    if (!found) {
      message->results.push_back(
          {i, reply(451, {4, 3, 5}, "Routing failed: " + found.error().what), ""});
      continue;
    }
    Group& group = groups[{found->route.name(), recipient.variant}];
    if (group.recipients.empty()) {
      group.to = &destination(found->destination, now);
      group.route = std::move(found->route);
    }
    group.recipients.push_back(i);
  }
  const bool one = !groups.empty() && message->results.empty() &&
                   std::ranges::all_of(groups, [&groups](const auto& each) {
                     return each.second.to == groups.begin()->second.to;
                   });
  if (one) {
    Destination& to = *groups.begin()->second.to;
    message->destination = to.key();
    if (to.dead(now) && !last_call) {
      // It died while the message was on its way here.
      const Lane lane = queued.fresh ? Lane::fresh : Lane::retry;
      backlog_.prepend(queued, to.list(lane), to.number(), alarm_of(queued));
      offer(to);
      return nullptr;
    }
  }

  Held held;
  held.octets = content ? content->size() : 0;
  held.recipients = envelope->recipients.size();
  active_[envelope->id.value] = held;
  active_content_ += held.octets;
  active_recipients_ += held.recipients;
  shares_.add(*envelope, message->destination);
  message->envelope = std::move(envelope);
  message->content = std::move(content);
  for (auto& [key, group] : groups) {
    if (group.to->dead(now)) {
      for (const auto i : group.recipients)
        message->results.push_back({i, suspended(*group.to), group.to->key()});
    } else {
      add_work(message, *group.to, group.route, group.recipients);
    }
  }
  return settle(*message) ? message : nullptr;
}

void Scheduler::add_work(const std::shared_ptr<ActiveMessage>& message, Destination& to,
                         const Route& route, std::span<const std::uint32_t> recipients) {
  const auto most = static_cast<std::size_t>(to.limits().recipient_limit);
  for (std::size_t from = 0; from < recipients.size(); from += most) {
    const auto piece = recipients.subspan(from, std::min(most, recipients.size() - from));
    to.waiting().push_back({message, &to, route, {piece.begin(), piece.end()}});
    ++message->outstanding;
  }
  offer(to);
}

// True when the message's attempt is over; it leaves the active queue.
bool Scheduler::settle(const ActiveMessage& message) {
  if (message.outstanding != 0) return false;
  const auto found = active_.find(message.envelope->id.value);
  if (found != active_.end()) {
    active_content_ -= found->second.octets;
    active_recipients_ -= found->second.recipients;
    shares_.drop(*message.envelope, message.destination);
    active_.erase(found);
  }
  return true;
}

std::optional<Scheduler::Next> Scheduler::next(SteadyTime now) {
  wake(now);
  const bool retries_first = ++turn_ % turns == 0;
  if (auto next = next_in(Lane::memory, now)) return next;
  for (const Lane lane :
       {retries_first ? Lane::retry : Lane::fresh, retries_first ? Lane::fresh : Lane::retry}) {
    if (auto next = next_in(lane, now)) return next;
  }
  return std::nullopt;
}

std::optional<Scheduler::Next> Scheduler::next_in(Lane lane, SteadyTime now) {
  auto& ring = rings_[static_cast<std::size_t>(lane)];
  for (std::size_t left = ring.size(); left > 0; --left) {
    if (!has_slot(lane) || !has_room(lane)) return std::nullopt;
    Destination& to = *destinations_[ring.front()];
    ring.pop_front();
    to.listed[static_cast<std::size_t>(lane)] = false;
    if (!to.has(lane)) continue;
    if (const SteadyTime at = to.opens_at(lane, now); at > now) {
      if (at != SteadyTime::max()) wake_later(to, at);
      continue;  // else it comes back when a delivery of its ends
    }
    return take(to, lane, now);
  }
  return std::nullopt;
}

Scheduler::Next Scheduler::take(Destination& to, Lane lane, SteadyTime now) {
  Next next;
  if (lane == Lane::memory) {
    next.work = std::move(to.waiting().front());
    to.waiting().pop_front();
    to.started(lane, now, next.work->paid);
    ++running_;
    if (!next.work->message->queued.fresh) ++running_retries_;
  } else {
    next.fetch = Fetch{*backlog_.take_first(to.list(lane)), to.number()};
    to.started(lane, now);
    ++fetching_;
  }
  offer(to);
  return next;
}

void Scheduler::fetched(const Fetch& fetch) {
  Destination& to = *destinations_[fetch.destination];
  --fetching_;
  to.fetched();
  // What came of it goes before what waited: its turn was counted already.
  if (!to.waiting().empty()) {
    if (to.waiting().back().message->queued.id == fetch.message.id) {
      Work work = std::move(to.waiting().back());
      to.waiting().pop_back();
      work.paid = true;
      to.waiting().push_front(std::move(work));
    }
  }
  offer(to);
}

std::vector<std::shared_ptr<ActiveMessage>> Scheduler::finished(
    Work work, std::vector<RecipientResult> results, bool reached, SteadyTime now, double random) {
  std::vector<std::shared_ptr<ActiveMessage>> over;
  Destination& to = *work.destination;
  --running_;
  if (!work.message->queued.fresh) --running_retries_;
  const bool died = to.ended(judge(reached, results), settings_.deferring_destination_retry_rate);
  if (died) {
    bury(to, results.empty() ? "no answer" : results.front().reply.text, now, random);
    over = park_waiting(to);
  }
  std::ranges::move(results, std::back_inserter(work.message->results));
  --work.message->outstanding;
  if (settle(*work.message)) over.push_back(work.message);
  offer(to);
  if (numbers_.size() > forget_above_) forget_idle(now);
  return over;
}

void Scheduler::bury(Destination& to, std::string reason, SteadyTime now, double random) {
  const milliseconds wait =
      next_attempt(to.deaths() + 1, milliseconds(0), MessageKind::mail, retry_, random);
  to.bury(now + wait, std::move(reason));
  wake_later(to, to.dead_until());
}

/// A message that waits for nothing else goes back to disk, as if it had never been fetched. One
/// that is on its way elsewhere too has failed here for this attempt.
std::vector<std::shared_ptr<ActiveMessage>> Scheduler::park_waiting(Destination& to) {
  std::vector<std::shared_ptr<ActiveMessage>> over;
  while (!to.waiting().empty()) {
    const Work work = std::move(to.waiting().back());  // backwards, to keep the order in the list
    to.waiting().pop_back();
    ActiveMessage& message = *work.message;
    --message.outstanding;
    if (message.outstanding == 0 && message.results.empty() && !message.destination.empty()) {
      settle(message);
      const Lane lane = message.queued.fresh ? Lane::fresh : Lane::retry;
      backlog_.prepend(message.queued, to.list(lane), to.number(), alarm_of(message.queued));
      continue;
    }
    for (const auto i : work.recipients)
      message.results.push_back({i, suspended(to), to.key()});
    if (settle(message)) over.push_back(work.message);
  }
  return over;
}

}  // namespace postern
