#include "gateway/queue/index.h"

#include <algorithm>

#include "gateway/queue/record.h"

namespace postern {

std::uint64_t Location::size() const {
  RecordHeader header;
  header.head_length = head_length;
  header.tail_length = tail_length;
  return header.size();
}

void Index::Message::update(Envelope& envelope) const {
  envelope.attempts = attempts;
  envelope.next_attempt = next_attempt;
  envelope.last_reply = last_reply;
  envelope.hold = hold;
  const auto count = std::min(states.size(), envelope.recipients.size());
  for (std::size_t i = 0; i < count; ++i) envelope.recipients[i].state = states[i];
}

Index::Shard& Index::shard(MessageId id) {
  // The lowest 12 bits are the node's number, the same for all; the next are microseconds.
  return shards_[(id.value >> 12) % shard_count];
}

void Index::count(const Location& location) {
  live_[location.segment] += location.size();
  live_total_ += location.size();
}

void Index::discount(const Location& location) {
  const auto use = live_.find(location.segment);
  use->second -= location.size();
  if (use->second == 0) live_.erase(use);
  live_total_ -= location.size();
}

Index::Change Index::forget(Shard& from, Shard::iterator entry) {
  const Change change{Outcome::over, entry->second.own_file};
  discount(entry->second.location);
  texts_.drop(entry->second.last_reply);
  texts_.drop(entry->second.hold);
  from.erase(entry);
  --size_;
  return change;
}

void Index::put(const Envelope& envelope, bool own_file, const Location& location) {
  const std::lock_guard lock(mutex_);
  auto& messages = shard(envelope.id);
  if (const auto old = messages.find(envelope.id.value); old != messages.end())
    forget(messages, old);
  messages.emplace(envelope.id.value,
                   Entry{location, RecipientStates(envelope.recipients), envelope.next_attempt,
                         envelope.attempts, texts_.add(envelope.last_reply),
                         texts_.add(envelope.hold), own_file});
  count(location);
  ++size_;
}

Index::Change Index::apply(const Progress& progress) {
  const std::lock_guard lock(mutex_);
  auto& messages = shard(progress.id);
  const auto found = messages.find(progress.id.value);
  if (found == messages.end()) return {};

  Entry& entry = found->second;
  for (const auto& change : progress.changes) entry.states.set(change.recipient, change.state);
  if (entry.states.open() == 0) return forget(messages, found);
  entry.attempts = progress.attempts;
  entry.next_attempt = progress.next_attempt;
  texts_.drop(std::exchange(entry.last_reply, texts_.add(progress.last_reply)));
  if (progress.hold != Progress::Hold::keep) {
    const bool set = progress.hold == Progress::Hold::set;
    texts_.drop(std::exchange(entry.hold, set ? texts_.add(progress.hold_reason) : 0));
  }
  return {Outcome::open, entry.own_file};
}

Index::Change Index::erase(MessageId id) {
  const std::lock_guard lock(mutex_);
  auto& messages = shard(id);
  const auto found = messages.find(id.value);
  return found == messages.end() ? Change{} : forget(messages, found);
}

void Index::relocate(MessageId id, const Location& from, const Location& to) {
  const std::lock_guard lock(mutex_);
  auto& messages = shard(id);
  const auto found = messages.find(id.value);
  if (found == messages.end() || found->second.location != from) return;
  discount(from);
  found->second.location = to;
  count(to);
}

std::optional<Index::Message> Index::find(MessageId id) const {
  const std::lock_guard lock(mutex_);
  const auto& messages = shard(id);
  const auto found = messages.find(id.value);
  if (found == messages.end()) return std::nullopt;

  const Entry& entry = found->second;
  Message out{entry.location,
              entry.own_file,
              entry.attempts,
              entry.next_attempt,
              texts_.at(entry.last_reply),
              texts_.at(entry.hold),
              {}};
  out.states.reserve(entry.states.count());
  for (std::uint32_t i = 0; i < entry.states.count(); ++i) out.states.push_back(entry.states.at(i));
  return out;
}

bool Index::lives_at(MessageId id, std::uint32_t segment, std::uint32_t offset) const {
  const std::lock_guard lock(mutex_);
  const auto& messages = shard(id);
  const auto found = messages.find(id.value);
  return found != messages.end() && found->second.location.segment == segment &&
         found->second.location.offset == offset;
}

std::vector<MessageId> Index::ids() const {
  std::vector<MessageId> out;
  {
    const std::lock_guard lock(mutex_);
    out.reserve(size_);
    for (const auto& messages : shards_) {
      for (const auto& [id, entry] : messages) out.push_back({id});
    }
  }
  std::ranges::sort(out);
  return out;
}

std::size_t Index::size() const {
  const std::lock_guard lock(mutex_);
  return size_;
}

std::uint64_t Index::live_octets(std::uint32_t segment) const {
  const std::lock_guard lock(mutex_);
  const auto use = live_.find(segment);
  return use == live_.end() ? 0 : use->second;
}

std::uint64_t Index::live_octets() const {
  const std::lock_guard lock(mutex_);
  return live_total_;
}

}  // namespace postern
