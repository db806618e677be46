// scheduler_backlog.cc — the part of the scheduler that knows what waits, for what, and since when.
#include <algorithm>
#include <utility>

#include "gateway/scheduler/scheduler.h"

namespace postern {
namespace {
/// What is known of a quiet destination is worth keeping, but not for ever.
constexpr std::size_t most_quiet = 4096;

Lane lane_of(const Queued& message) { return message.fresh ? Lane::fresh : Lane::retry; }
}  // namespace

void Scheduler::configure(SchedulerSettings settings, const RetrySettings& retry,
                          milliseconds delay_warning_time) {
  settings_ = std::move(settings);
  retry_ = retry;
  delay_warning_time_ = delay_warning_time;
  for (const auto& known : destinations_) {
    if (!known) continue;
    known->limit(settings_.limits_for(known->transport(), known->names()));
    unplace(*known);
  }
}

/// When somebody must look at a message whatever it waits for.
SteadyTime Scheduler::alarm_of(const Queued& message) const {
  const milliseconds lifetime =
      message.null_sender ? retry_.bounce_queue_lifetime : retry_.maximal_queue_lifetime;
  SteadyTime at = message.accepted + lifetime;
  if (delay_warning_time_ > milliseconds(0) && !message.warned && !message.null_sender)
    at = std::min(at, message.accepted + delay_warning_time_);
  return at;
}

void Scheduler::place(const Queued& message, const Place& where, SteadyTime now) {
  Destination& to = destination(where, now);
  backlog_.append(message, to.list(lane_of(message)), to.number(), alarm_of(message));
  offer(to);
}

std::optional<Scheduler::Due> Scheduler::take_due(SteadyTime now) {
  if (const auto expired = backlog_.take_expired(now)) {
    const std::uint32_t owner = expired->owner;
    if (owner == Backlog::none) return Due{backlog_.take(expired->number, nullptr), false};
    Destination& to = *destinations_[owner];
    const Lane lane = lane_of(backlog_.message(expired->number));
    return Due{backlog_.take(expired->number, &to.list(lane)), true};
  }
  if (auto message = backlog_.take_first(unplaced_)) return Due{*message, false};
  return std::nullopt;
}

std::optional<Queued> Scheduler::forget(MessageId id) {
  const std::uint32_t number = backlog_.find(id);
  if (number == Backlog::none) return std::nullopt;
  const std::uint32_t owner = backlog_.owner(number);
  if (owner == Backlog::none) return backlog_.take(number, nullptr);
  if (owner == unplaced) return backlog_.take(number, &unplaced_);
  const Lane lane = lane_of(backlog_.message(number));
  return backlog_.take(number, &destinations_[owner]->list(lane));
}

void Scheduler::revive_destination_of(MessageId id) {
  const std::uint32_t number = backlog_.find(id);
  if (number == Backlog::none) return;
  const std::uint32_t owner = backlog_.owner(number);
  if (owner == Backlog::none || owner == unplaced || destinations_[owner]->suspension) return;
  destinations_[owner]->revive();
}

void Scheduler::flush(SteadyTime now) {
  backlog_.hasten(now);
  for (const auto& known : destinations_) {
    if (!known || known->suspension) continue;
    known->revive();
    offer(*known);
  }
}

void Scheduler::place_all_anew() {
  for (const auto& known : destinations_) {
    if (!known) continue;
    // Work that waits for this destination alone; the rest is on its way and stays.
    std::deque<Work> stays;
    while (!known->waiting().empty()) {
      Work work = std::move(known->waiting().front());
      known->waiting().pop_front();
      ActiveMessage& message = *work.message;
      if (message.outstanding > 1 || !message.results.empty()) {
        stays.push_back(std::move(work));
        continue;
      }
      message.outstanding = 0;
      settle(message);
      place_later(message.queued);
    }
    known->waiting() = std::move(stays);
    unplace(*known);
  }
}

void Scheduler::place_anew(const std::string& key) {
  if (const auto known = numbers_.find(key); known != numbers_.end())
    unplace(*destinations_[known->second]);
}

/// Costs O(n) in what waits there: the entries must forget whose they were.
void Scheduler::unplace(Destination& from) {
  for (const Lane lane : {Lane::fresh, Lane::retry}) {
    while (auto message = backlog_.take_first(from.list(lane))) place_later(*message);
  }
}

Destination& Scheduler::destination(const Place& where, SteadyTime now) {
  if (const auto known = numbers_.find(where.key); known != numbers_.end()) {
    Destination& there = *destinations_[known->second];
    if (where.suspended_until > now && !there.dead(now)) suspend(there, where);
    return there;
  }
  std::uint32_t number = 0;
  if (free_numbers_.empty()) {
    number = static_cast<std::uint32_t>(destinations_.size());
    destinations_.emplace_back();
  } else {
    number = free_numbers_.back();
    free_numbers_.pop_back();
  }
  numbers_.emplace(where.key, number);
  destinations_[number] = std::make_unique<Destination>(
      where, number, settings_.limits_for(where.transport, where.names));
  Destination& made = *destinations_[number];
  if (where.suspended_until > now) suspend(made, where);
  return made;
}

void Scheduler::suspend(Destination& waiting_room, const Place& where) {
  waiting_room.suspension = true;
  waiting_room.bury(where.suspended_until, where.reason);
  wake_later(waiting_room, where.suspended_until);
}

void Scheduler::offer(Destination& to) {
  for (std::size_t lane = 0; lane < lane_count; ++lane) {
    if (to.listed[lane] || !to.has(static_cast<Lane>(lane))) continue;
    to.listed[lane] = true;
    rings_[lane].push_back(to.number());
  }
}

void Scheduler::wake_later(Destination& to, SteadyTime at) {
  if (to.wakes_at <= at) return;
  to.wakes_at = at;
  wake_ups_.push({at, to.number()});
}

void Scheduler::wake(SteadyTime now) {
  while (!wake_ups_.empty() && wake_ups_.top().at <= now) {
    Destination* const to = destinations_[wake_ups_.top().destination].get();
    wake_ups_.pop();
    if (!to) continue;  // forgotten since
    to->wakes_at = SteadyTime::max();
    if (to->suspension) {
      unplace(*to);
    } else {
      offer(*to);
    }
  }
}

void Scheduler::forget_idle(SteadyTime now) {
  for (auto& known : destinations_) {
    if (!known || !known->idle()) continue;
    if (known->dead(now) && numbers_.size() <= forget_above_) continue;
    if (std::ranges::any_of(known->listed, std::identity())) continue;
    free_numbers_.push_back(known->number());
    numbers_.erase(known->key());
    known.reset();
  }
  forget_above_ = std::max(most_quiet, 2 * numbers_.size());
}

SteadyTime Scheduler::wake_at() const {
  if (!unplaced_.empty()) return SteadyTime::min();
  return std::min(backlog_.next(), wake_ups_.empty() ? SteadyTime::max() : wake_ups_.top().at);
}

Whereabouts Scheduler::where(MessageId id, SteadyTime now) const {
  Whereabouts out;
  if (is_active(id)) {
    out.state = Whereabouts::State::active;
    return out;
  }
  const std::uint32_t number = backlog_.find(id);
  if (number == Backlog::none) return out;
  const std::uint32_t owner = backlog_.owner(number);
  if (owner == Backlog::none) {
    out.state = Whereabouts::State::time;
    out.next = backlog_.when(number);
    return out;
  }
  out.state = Whereabouts::State::turn;
  if (owner == unplaced) return out;
  const Destination& to = *destinations_[owner];
  if (to.dead(now)) {
    out.next = to.dead_until();
    out.reason = to.suspension ? to.dead_reason() : to.key() + ": " + to.dead_reason();
  }
  return out;
}

}  // namespace postern
