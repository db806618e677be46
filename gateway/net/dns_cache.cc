#include "gateway/net/dns_cache.h"

#include <algorithm>

namespace postern {
namespace {

constexpr std::size_t octets_an_entry = 512;

// A zone's error must not stay longer than an hour with us, whatever ttl it was given. Negative
// answers without an SOA may not be kept by RFC 2308 §5; we hold them for half a minute, since a
// blocklist that says no without an SOA would otherwise be asked again by each of a thousand
// connections. A failure is held for a moment, so that a burst does not hammer a broken server.
constexpr std::uint32_t longest_positive = 3600;
constexpr std::uint32_t longest_negative = 900;
constexpr std::uint32_t shortest_negative = 30;
constexpr std::uint32_t failure_life = 5;

std::string key_of(const std::string& name, RecordType type) {
  return name + '/' + std::to_string(static_cast<unsigned>(type));
}

std::uint32_t life(const DnsAnswer& answer) {
  switch (answer.status) {
    case DnsStatus::found:
      return std::min(answer.ttl, longest_positive);
    case DnsStatus::no_such_name:
    case DnsStatus::no_records:
      return std::clamp(answer.ttl, shortest_negative, longest_negative);
    case DnsStatus::failed:
      return failure_life;
  }
  return 0;
}

std::size_t octets_of(const std::string& key, const DecodedAnswer& answer) {
  std::size_t octets = 2 * key.size() + answer.alias.size() + answer.answer.error.size();
  for (const auto& record : answer.answer.records) octets += sizeof record + record.text.size();
  return octets;
}

}  // namespace

const DecodedAnswer* DnsCache::find(const std::string& name, RecordType type, SteadyTime now) {
  const auto found = index_.find(key_of(name, type));
  if (found == index_.end()) return nullptr;
  const auto entry = found->second;
  if (entry->expires <= now) {
    drop(entry);
    return nullptr;
  }
  entries_.splice(entries_.begin(), entries_, entry);
  const auto left = std::chrono::ceil<seconds>(entry->expires - now);
  entry->answer.answer.ttl = static_cast<std::uint32_t>(left.count());
  return &entry->answer;
}

void DnsCache::store(const std::string& name, RecordType type, const DecodedAnswer& answer,
                     SteadyTime now) {
  std::string key = key_of(name, type);
  if (const auto old = index_.find(key); old != index_.end()) drop(old->second);
  // An alias whose target the server left out is no negative answer: its own ttl counts.
  const seconds kept{answer.alias.empty() ? life(answer.answer)
                                          : std::min(answer.answer.ttl, longest_positive)};
  const std::size_t octets = octets_of(key, answer);
  const std::size_t most_octets = most_ * octets_an_entry;
  if (kept == seconds(0) || octets > most_octets) return;
  while (index_.size() >= most_ || octets_ + octets > most_octets) drop(std::prev(entries_.end()));
  entries_.push_front({key, answer, now + kept, octets});
  index_.emplace(std::move(key), entries_.begin());
  octets_ += octets;
}

void DnsCache::drop(Entries::iterator entry) {
  octets_ -= entry->octets;
  index_.erase(entry->key);
  entries_.erase(entry);
}

}  // namespace postern
