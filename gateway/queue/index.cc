#include "gateway/queue/index.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <utility>

#include "gateway/queue/index_entry.h"
#include "gateway/queue/record.h"

namespace postern {

namespace {

/// The index keeps whole seconds: more than enough for when to try again and how old mail is.
std::uint32_t seconds_of(WallTime time, bool round_up) {
  const auto since = time.time_since_epoch();
  const auto whole = round_up ? std::chrono::ceil<std::chrono::seconds>(since)
                              : std::chrono::floor<std::chrono::seconds>(since);
  return static_cast<std::uint32_t>(
      std::clamp<std::int64_t>(whole.count(), 0, std::numeric_limits<std::uint32_t>::max()));
}

WallTime time_of(std::uint32_t seconds) { return WallTime(std::chrono::seconds(seconds)); }

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

std::uint32_t Index::slot_of(MessageId id) const {
  const auto hash = hash_(id.value);
  return shard(hash).find(hash, [&](std::uint32_t slot) { return entry(slot).id == id.value; });
}

RecipientStates Index::states_of(Entry& entry) const {
  if (!entry.has_block()) return {reinterpret_cast<std::uint8_t*>(&entry.states), entry.count};
  char* block = states_.at(entry.states);
  std::uint32_t count = 0;
  std::memcpy(&count, block, sizeof count);
  return {reinterpret_cast<std::uint8_t*>(block) + sizeof count, count};
}

Index::Known Index::known(Entry& entry) const {
  texts_.prefetch(entry.recipients);
  const auto text = [this](std::uint32_t number) {
    return Text{texts_.at(number), number, texts_.shared(number)};
  };
  return {{entry.id},
          time_of(entry.arrival),
          time_of(entry.next_attempt),
          entry.size(),
          entry.attempts,
          entry.own_file != 0,
          entry.delay_notice_sent != 0,
          entry.location(),
          text(entry.sender),
          text(entry.client),
          text(entry.last_reply),
          text(entry.hold),
          text(entry.route),
          text(entry.recipients),
          states_of(entry)};
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

Index::Change Index::forget(std::uint32_t slot) {
  Entry& old = entry(slot);
  const Change change{Outcome::over, old.own_file != 0};
  discount(old.location());
  for (const auto text :
       {old.sender, old.client, old.recipients, old.last_reply, old.hold, old.route}) {
    texts_.drop(text);
  }
  if (old.has_block()) states_.give_back(old.states);
  const auto hash = hash_(old.id);
  shard(hash).remove(hash, slot);
  old.used = 0;
  entries_.give_back(slot);
  --size_;
  return change;
}

void Index::put(const Envelope& envelope, std::uint64_t content_size, bool own_file,
                const Location& location) {
  const auto recipients = addresses_of(envelope.recipients);
  const auto count = static_cast<std::uint32_t>(envelope.recipients.size());
  std::vector<std::uint8_t> octets(RecipientStates::octets_for(count));
  RecipientStates states(octets.data(), count);
  for (std::uint32_t i = 0; i < count; ++i) states.set(i, envelope.recipients[i].state);
  const Known known{envelope.id,
                    envelope.arrival,
                    envelope.next_attempt,
                    content_size,
                    envelope.attempts,
                    own_file,
                    envelope.delay_notice_sent,
                    location,
                    {envelope.sender},
                    {envelope.client_address},
                    {envelope.last_reply},
                    {envelope.hold},
                    {envelope.route},
                    {recipients},
                    states};
  put({&known, 1});
}

void Index::put(std::span<const Known> several) {
  const Lock lock(*this);
  if (several.size() > 1) {
    for (const auto& known : several) {
      const auto hash = hash_(known.id.value);
      shard(hash).prefetch(hash);
      texts_.prefetch(known.sender.octets);
      texts_.prefetch(known.recipients.octets);
    }
  }
  for (const auto& known : several) {
    if (const auto old = slot_of(known.id); old != 0) forget(old);
    put_locked(known);
  }
}

void Index::expect(std::size_t messages, std::size_t texts) {
  const Lock lock(*this);
  for (auto& table : shards_) table.expect(messages / shard_count, Entries{*this});
  texts_.expect(texts);
}

void Index::put_locked(const Known& known) {
  const auto slot = entries_.take(sizeof(Entry));
  Entry& e = entry(slot);
  e = {};
  e.id = known.id.value;
  e.arrival = seconds_of(known.arrival, false);
  e.next_attempt = seconds_of(known.next_attempt, true);
  e.size_low = static_cast<std::uint32_t>(known.size);
  e.size_high = known.size >> 32 & 0xff;
  e.attempts = std::min(known.attempts, Entry::most_attempts) & Entry::most_attempts;
  e.used = 1;
  e.own_file = known.own_file;
  e.delay_notice_sent = known.delay_notice_sent;
  e.move_to(known.location);
  e.sender = texts_.add(known.sender.octets);
  e.client = texts_.add(known.client.octets);
  e.recipients = texts_.add(known.recipients.octets);
  e.last_reply = texts_.add(known.last_reply.octets);
  e.hold = texts_.add(known.hold.octets);
  e.route = texts_.add(known.route.octets);

  const auto count = known.states.count();
  e.count = (count <= Entry::most_inside ? count : Entry::too_many) & 31;
  if (e.has_block()) {
    e.states = states_.take(sizeof count + RecipientStates::octets_for(count));
    std::memcpy(states_.at(e.states), &count, sizeof count);
  }
  auto states = states_of(e);
  for (std::uint32_t i = 0; i < count; ++i) states.set(i, known.states.at(i));

  const auto hash = hash_(e.id);
  shard(hash).add(hash, slot, Entries{*this});
  this->count(e.location());
  last_id_ = std::max(last_id_, known.id);
  ++size_;
}

void Index::exchange(std::uint32_t& text, std::string_view octets) {
  texts_.drop(std::exchange(text, texts_.add(octets)));
}

Index::Change Index::apply(const Progress& progress) {
  const Lock lock(*this);
  const auto slot = slot_of(progress.id);
  if (slot == 0) return {};

  Entry& e = entry(slot);
  auto states = states_of(e);
  for (const auto& change : progress.changes) states.set(change.recipient, change.state);
  if (states.open() == 0) return forget(slot);
  if (progress.attempted) {
    e.attempts = std::min(progress.attempts, Entry::most_attempts) & Entry::most_attempts;
    e.next_attempt = seconds_of(progress.next_attempt, true);
    exchange(e.last_reply, progress.last_reply);
  }
  if (progress.hold == Progress::Hold::set) exchange(e.hold, progress.hold_reason);
  if (progress.hold == Progress::Hold::clear) exchange(e.hold, {});
  if (progress.route) exchange(e.route, *progress.route);
  e.delay_notice_sent = e.delay_notice_sent || progress.delay_notice_sent;
  return {Outcome::open, e.own_file != 0};
}

Index::Change Index::erase(MessageId id) {
  const Lock lock(*this);
  const auto slot = slot_of(id);
  return slot == 0 ? Change{} : forget(slot);
}

void Index::clear() {
  for (const auto id : ids()) erase(id);
}

void Index::relocate(MessageId id, const Location& from, const Location& to) {
  const Lock lock(*this);
  const auto slot = slot_of(id);
  if (slot == 0 || entry(slot).location() != from) return;
  discount(from);
  entry(slot).move_to(to);
  count(to);
}

std::optional<Index::Message> Index::find(MessageId id) const {
  const Lock lock(*this);
  const auto slot = slot_of(id);
  if (slot == 0) return std::nullopt;

  const auto found = known(entry(slot));
  Message out{found.location,
              found.own_file,
              found.size,
              found.attempts,
              found.next_attempt,
              std::string(found.last_reply.octets),
              std::string(found.hold.octets),
              std::string(found.route.octets),
              found.delay_notice_sent,
              {}};
  out.states.reserve(found.states.count());
  for (std::uint32_t i = 0; i < found.states.count(); ++i) out.states.push_back(found.states.at(i));
  return out;
}

bool Index::lives_at(MessageId id, std::uint32_t segment, std::uint32_t offset) const {
  const Lock lock(*this);
  const auto slot = slot_of(id);
  return slot != 0 && entry(slot).segment == segment && entry(slot).offset == offset;
}

std::size_t Index::size() const {
  const Lock lock(*this);
  return size_;
}

MessageId Index::last_id() const {
  const Lock lock(*this);
  return last_id_;
}

void Index::saw(MessageId id) {
  const Lock lock(*this);
  last_id_ = std::max(last_id_, id);
}

std::uint64_t Index::live_octets(std::uint32_t segment) const {
  const Lock lock(*this);
  const auto use = live_.find(segment);
  return use == live_.end() ? 0 : use->second;
}

std::uint64_t Index::live_octets() const {
  const Lock lock(*this);
  return live_total_;
}

}  // namespace postern
