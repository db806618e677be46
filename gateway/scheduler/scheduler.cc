#include "gateway/scheduler/scheduler.h"

#include <algorithm>
#include <map>

namespace postern {
namespace {
// What is known of a quiet destination is worth keeping, but not for ever.
constexpr std::size_t most_destinations = 4096;
}  // namespace

bool Scheduler::has_room(bool fresh) const {
  const auto limit = static_cast<std::size_t>(settings_.qmgr_message_active_limit);
  return active_.size() < (fresh ? limit : limit - limit / 5) &&
         active_content_ < settings_.active_content_limit;
}

Destination& Scheduler::destination(const std::string& key) {
  auto& slot = destinations_[key];
  if (!slot) slot = std::make_unique<Destination>(key, settings_);
  return *slot;
}

void Scheduler::make_ready(Destination& destination) {
  if (destination.listed) return;
  destination.listed = true;
  ready_.push_back(&destination);
}

std::shared_ptr<ActiveMessage> Scheduler::activate(std::shared_ptr<const Envelope> envelope,
                                                   Content content, const Router& route,
                                                   SteadyTime now) {
  auto message = std::make_shared<ActiveMessage>();
  const std::uint64_t octets = content ? content->size() : 0;
  active_[envelope->id.value] = octets;
  active_content_ += octets;

  // Recipients that share route and variant travel together. The destination is wider: Maildirs are
  // one destination, each with a route of its own.
  struct Group {
    Route route;
    std::vector<std::uint32_t> recipients;
  };
  std::map<std::pair<std::string, std::uint8_t>, Group> groups;
  for (std::uint32_t i = 0; i < envelope->recipients.size(); ++i) {
    const QueuedRecipient& recipient = envelope->recipients[i];
    if (!recipient.open()) continue;
    auto found = route(recipient);
    if (!found) {
      message->results.push_back(
          {i, reply(451, {4, 3, 5}, "Routing failed: " + found.error().what), ""});
      continue;
    }
    Group& group = groups[{found->name(), recipient.variant}];
    if (group.recipients.empty()) group.route = std::move(*found);
    group.recipients.push_back(i);
  }

  message->envelope = std::move(envelope);
  message->content = std::move(content);
  const auto most = static_cast<std::size_t>(settings_.default_destination_recipient_limit);
  for (auto& [key, group] : groups) {
    Destination& to = destination(group.route.destination_key());
    if (to.dead(now)) {
      for (const auto i : group.recipients) {
        message->results.push_back(
            {i, reply(451, {4, 4, 1}, "Delivery temporarily suspended: " + to.dead_reason()),
             to.key()});
      }
      continue;
    }
    for (std::size_t from = 0; from < group.recipients.size(); from += most) {
      const auto until = std::min(from + most, group.recipients.size());
      const auto begin = group.recipients.begin();
      to.waiting().push_back({message,
                              &to,
                              group.route,
                              {begin + static_cast<std::ptrdiff_t>(from),
                               begin + static_cast<std::ptrdiff_t>(until)}});
      ++message->outstanding;
    }
    make_ready(to);
  }
  return settle(message) ? message : nullptr;
}

// True when the message's attempt is over; it leaves the active queue.
bool Scheduler::settle(const std::shared_ptr<ActiveMessage>& message) {
  if (message->outstanding != 0) return false;
  const auto found = active_.find(message->envelope->id.value);
  if (found != active_.end()) {
    active_content_ -= found->second;
    active_.erase(found);
  }
  return true;
}

std::optional<MessageId> Scheduler::take_due(SteadyTime now) {
  MessageId id;
  if (!deferred_.take(now, id)) return std::nullopt;
  return id;
}

std::vector<MessageId> Scheduler::take_all_deferred() {
  std::vector<MessageId> all;
  all.reserve(deferred_.size());
  for (MessageId id; deferred_.take(SteadyTime::max(), id);) all.push_back(id);
  forget_idle(SteadyTime::max());
  return all;
}

void Scheduler::forget_idle(SteadyTime now) {
  std::erase_if(destinations_, [now](const auto& item) {
    const Destination& destination = *item.second;
    return destination.idle() && !destination.listed && !destination.dead(now);
  });
}

std::optional<Work> Scheduler::next(SteadyTime now) {
  for (std::size_t turns = ready_.size(); turns > 0; --turns) {
    Destination* to = ready_.front();
    ready_.pop_front();
    to->listed = false;
    if (!to->may_start(now)) continue;  // comes back when a delivery of its ends
    Work work = std::move(to->waiting().front());
    to->waiting().pop_front();
    to->started();
    ++running_;
    if (to->may_start(now)) make_ready(*to);
    return work;
  }
  return std::nullopt;
}

std::vector<std::shared_ptr<ActiveMessage>> Scheduler::finished(
    Work work, std::vector<RecipientResult> results, bool reached, SteadyTime now,
    SteadyTime dead_until) {
  std::vector<std::shared_ptr<ActiveMessage>> over;
  --running_;
  Destination& to = *work.destination;
  bool died = false;
  if (reached) {
    to.succeeded();
  } else {
    died = to.failed(dead_until, results.empty() ? "" : results.front().reply.text);
  }
  std::ranges::move(results, std::back_inserter(work.message->results));
  --work.message->outstanding;
  if (settle(work.message)) over.push_back(work.message);

  if (died) {
    for (Work& waiting : to.waiting()) {
      for (const auto i : waiting.recipients) {
        waiting.message->results.push_back(
            {i, reply(451, {4, 4, 1}, "Delivery temporarily suspended: " + to.dead_reason()),
             to.key()});
      }
      --waiting.message->outstanding;
      if (settle(waiting.message)) over.push_back(waiting.message);
    }
    to.waiting().clear();
  }
  if (to.may_start(now)) make_ready(to);
  if (destinations_.size() > most_destinations) forget_idle(now);
  return over;
}

SteadyTime Scheduler::wake_at() const { return deferred_.next(); }

}  // namespace postern
