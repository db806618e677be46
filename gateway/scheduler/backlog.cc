#include "gateway/scheduler/backlog.h"

namespace postern {

std::uint32_t Backlog::enter(const Queued& message, std::uint32_t owner, SteadyTime when) {
  const std::uint32_t number = entries_.add();
  entries_[number].message = message;
  entries_[number].owner = owner;
  ids_.add(message.id, number);
  wheel_.set(number, when);
  return number;
}

void Backlog::wait_until(const Queued& message, SteadyTime due) { enter(message, none, due); }

void Backlog::append(const Queued& message, List& list, std::uint32_t owner, SteadyTime alarm) {
  const std::uint32_t number = enter(message, owner, alarm);
  entries_[number].previous = list.last;
  (list.last == none ? list.first : entries_[list.last].next) = number;
  list.last = number;
  ++list.count;
}

void Backlog::prepend(const Queued& message, List& list, std::uint32_t owner, SteadyTime alarm) {
  const std::uint32_t number = enter(message, owner, alarm);
  entries_[number].next = list.first;
  (list.first == none ? list.last : entries_[list.first].previous) = number;
  list.first = number;
  ++list.count;
}

void Backlog::unlink(std::uint32_t number, List& list) {
  const Entry& entry = entries_[number];
  (entry.previous == none ? list.first : entries_[entry.previous].next) = entry.next;
  (entry.next == none ? list.last : entries_[entry.next].previous) = entry.previous;
  --list.count;
}

std::optional<Queued> Backlog::take_first(List& list) {
  if (list.empty()) return std::nullopt;
  return take(list.first, &list);
}

std::optional<Backlog::Expired> Backlog::take_expired(SteadyTime now) {
  const std::uint32_t number = wheel_.take(now);
  if (number == none) return std::nullopt;
  return Expired{number, entries_[number].owner};
}

Queued Backlog::take(std::uint32_t number, List* list) {
  if (list) unlink(number, *list);
  const Queued message = entries_[number].message;
  wheel_.clear(number);
  ids_.remove(message.id, number);
  entries_.drop(number);
  return message;
}

std::uint32_t Backlog::find(MessageId id) const { return ids_.find(id); }

void Backlog::hasten(SteadyTime now) {
  for (std::uint32_t number = 0; number < entries_.bound(); ++number) {
    if (entries_[number].owner == none && wheel_.is_set(number)) wheel_.set(number, now);
  }
}

}  // namespace postern
