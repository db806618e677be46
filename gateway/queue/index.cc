#include "gateway/queue/index.h"

#include <algorithm>

#include "gateway/queue/record.h"

namespace postern {

namespace {

/// Each followed by LF. None has one inside, as no session lets it in; what a damaged record might
/// say must not shift the others.
std::string addresses_of(const std::vector<QueuedRecipient>& recipients) {
  std::string out;
  for (const auto& recipient : recipients) {
    const auto begin = out.size();
    out += recipient.address;
    std::ranges::replace(out.begin() + static_cast<std::ptrdiff_t>(begin), out.end(), '\n', ' ');
    out += '\n';
  }
  return out;
}

std::string open_of(std::string_view addresses, const RecipientStates& states) {
  std::string out;
  for (std::uint32_t i = 0; i < states.count(); ++i) {
    const auto line = addresses.substr(0, addresses.find('\n') + 1);
    addresses.remove_prefix(line.size());
    if (states.at(i) == RecipientState::queued) out += line;
  }
  return out;
}

}  // namespace

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
  envelope.route = route;
  envelope.delay_notice_sent = delay_notice_sent;
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
  const Entry& old = entry->second;
  for (const auto text :
       {old.sender, old.client, old.recipients, old.last_reply, old.hold, old.route}) {
    texts_.drop(text);
  }
  from.erase(entry);
  --size_;
  return change;
}

void Index::put(const Envelope& envelope, std::uint64_t content_size, bool own_file,
                const Location& location) {
  const auto recipients = addresses_of(envelope.recipients);
  const std::lock_guard lock(mutex_);
  auto& messages = shard(envelope.id);
  if (const auto old = messages.find(envelope.id.value); old != messages.end())
    forget(messages, old);
  messages.emplace(
      envelope.id.value,
      Entry{location, RecipientStates(envelope.recipients), envelope.arrival, envelope.next_attempt,
            content_size, envelope.attempts, texts_.add(envelope.sender),
            texts_.add(envelope.client_address), texts_.add(recipients),
            texts_.add(envelope.last_reply), texts_.add(envelope.hold), texts_.add(envelope.route),
            own_file, envelope.delay_notice_sent});
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
  if (progress.attempted) {
    entry.attempts = progress.attempts;
    entry.next_attempt = progress.next_attempt;
    texts_.drop(std::exchange(entry.last_reply, texts_.add(progress.last_reply)));
  }
  if (progress.route) texts_.drop(std::exchange(entry.route, texts_.add(*progress.route)));
  entry.delay_notice_sent = entry.delay_notice_sent || progress.delay_notice_sent;
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
              entry.size,
              entry.attempts,
              entry.next_attempt,
              texts_.at(entry.last_reply),
              texts_.at(entry.hold),
              texts_.at(entry.route),
              entry.delay_notice_sent,
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

void Index::see(MessageId id, const Entry& entry, const Spool::See& see) const {
  MessageSummary out{id,
                     entry.arrival,
                     entry.size,
                     entry.attempts,
                     entry.next_attempt,
                     texts_.at(entry.sender),
                     texts_.at(entry.client),
                     texts_.at(entry.last_reply),
                     texts_.at(entry.hold),
                     texts_.at(entry.route),
                     entry.delay_notice_sent,
                     texts_.at(entry.recipients),
                     entry.recipients};
  std::string open;
  if (entry.states.open() < entry.states.count()) {
    open = open_of(out.recipients, entry.states);
    out.recipients = open;
    out.recipients_key = 0;
  }
  see(out);
}

bool Index::look(MessageId id, const Spool::See& see) const {
  const std::lock_guard lock(mutex_);
  const auto& messages = shard(id);
  const auto found = messages.find(id.value);
  if (found == messages.end()) return false;
  this->see(id, found->second, see);
  return true;
}

void Index::look_at_all(const Spool::See& see) const {
  for (const auto& messages : shards_) {
    const std::lock_guard lock(mutex_);
    for (const auto& [id, entry] : messages) this->see({id}, entry, see);
  }
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
