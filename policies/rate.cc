#include "policies/rate.h"

#include <algorithm>
#include <utility>

namespace postern {
namespace {

std::int64_t nanoseconds_of(SteadyTime time) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count();
}

}  // namespace

void describe(RateSettings& settings, Keys& keys) {
  constexpr std::int64_t most = 1'000'000;
  keys.integer("smtpd_client_connection_count_limit", settings.smtpd_client_connection_count_limit,
               0, most, "Most connections that a client may have open at once. 0: no limit.");
  keys.integer("smtpd_client_connection_rate_limit", settings.smtpd_client_connection_rate_limit, 0,
               most, "Most connections of a client in anvil_rate_time_unit. 0: no limit.");
  keys.integer("smtpd_client_message_rate_limit", settings.smtpd_client_message_rate_limit, 0, most,
               "Most messages of a client in anvil_rate_time_unit. 0: no limit.");
  keys.integer("smtpd_client_recipient_rate_limit", settings.smtpd_client_recipient_rate_limit, 0,
               most, "Most recipients of a client in anvil_rate_time_unit. 0: no limit.");
  keys.duration("anvil_rate_time_unit", settings.anvil_rate_time_unit, seconds(1),
                std::chrono::days(1), "The time that the rate limits are counted in.");
  keys.integer("smtpd_client_ipv4_prefix_length", settings.smtpd_client_ipv4_prefix_length, 0, 32,
               "IPv4 clients that agree in so many bits count as one.");
  keys.integer("smtpd_client_ipv6_prefix_length", settings.smtpd_client_ipv6_prefix_length, 0, 128,
               "IPv6 clients that agree in so many bits count as one.");
  keys.list("smtpd_client_event_limit_exceptions",
            settings.smtpd_client_event_limit_exceptions.entries,
            "Clients without these limits, written as in mynetworks. Empty: mynetworks.");
  settings.smtpd_client_event_limit_exceptions.where =
      keys.where("smtpd_client_event_limit_exceptions");
}

std::string client_key(const IpAddress& address, const RateSettings& settings) {
  const auto length =
      static_cast<unsigned>(address.is_v4() ? settings.smtpd_client_ipv4_prefix_length
                                            : settings.smtpd_client_ipv6_prefix_length);
  if (length >= address.bits()) return address.text();
  return Network{address.prefix(length), length}.text();
}

RateLimiter::RateLimiter(std::uint64_t limit, milliseconds unit, std::size_t keys) {
  const auto whole = std::chrono::duration_cast<std::chrono::nanoseconds>(unit).count();
  if (limit == 0 || whole <= 0) return;
  interval_ = std::max<std::int64_t>(1, whole / static_cast<std::int64_t>(limit));
  burst_ = std::max<std::int64_t>(0, whole - interval_);
  sets_in_shard_ = std::max<std::size_t>(1, (keys + ways * shard_count - 1) / (ways * shard_count));
  for (Shard& shard : shards_) shard.sets.resize(sets_in_shard_);
}

std::uint64_t RateLimiter::tag_of(std::string_view key) const {
  return std::max<std::uint64_t>(1, hash_(key));
}

std::optional<milliseconds> RateLimiter::book(std::string_view key, SteadyTime now,
                                              milliseconds patience) {
  if (interval_ == 0) return milliseconds::zero();
  const std::int64_t present = nanoseconds_of(now);
  const std::uint64_t tag = tag_of(key);
  Shard& shard = shards_[tag % shard_count];
  const std::lock_guard guard(shard.mutex);
  auto& set = shard.sets[set_of(tag)];

  auto entry = std::find_if(set.begin(), set.end(), [tag](const Entry& e) { return e.tag == tag; });
  if (entry == set.end()) {
    // The one to forget: a free one, else the one that is closest to being idle.
    entry = std::min_element(set.begin(), set.end(), [](const Entry& a, const Entry& b) {
      return std::pair(a.tag != 0, a.due) < std::pair(b.tag != 0, b.due);
    });
    *entry = {tag, present};
  }
  const std::int64_t due = std::max(entry->due, present);
  const std::chrono::nanoseconds over(std::max<std::int64_t>(0, due - present - burst_));
  const auto wait = std::chrono::ceil<milliseconds>(over);
  if (wait > patience) return std::nullopt;
  entry->due = due + interval_;
  return wait;
}

milliseconds RateLimiter::wait(std::string_view key, SteadyTime now) const {
  if (interval_ == 0) return milliseconds::zero();
  const std::int64_t present = nanoseconds_of(now);
  const std::uint64_t tag = tag_of(key);
  const Shard& shard = shards_[tag % shard_count];
  const std::lock_guard guard(shard.mutex);
  for (const Entry& entry : shard.sets[set_of(tag)]) {
    if (entry.tag != tag) continue;
    const std::int64_t over = entry.due - present - burst_;
    if (over <= 0) return milliseconds::zero();
    return std::chrono::ceil<milliseconds>(std::chrono::nanoseconds(over));
  }
  return milliseconds::zero();
}

ConcurrencyLimiter::Place::Place(Place&& other) noexcept
    : limiter_(std::exchange(other.limiter_, nullptr)), tag_(other.tag_) {}

ConcurrencyLimiter::Place& ConcurrencyLimiter::Place::operator=(Place&& other) noexcept {
  if (this != &other) {
    leave();
    limiter_ = std::exchange(other.limiter_, nullptr);
    tag_ = other.tag_;
  }
  return *this;
}

void ConcurrencyLimiter::Place::leave() {
  if (limiter_ == nullptr) return;
  Shard& shard = limiter_->shards_[tag_ % shard_count];
  const std::lock_guard guard(shard.mutex);
  const auto found = shard.counts.find(tag_);
  if (--found->second == 0) shard.counts.erase(found);
  limiter_ = nullptr;
}

std::optional<ConcurrencyLimiter::Place> ConcurrencyLimiter::enter(std::string_view key) {
  const std::uint64_t tag = hash_(key);
  Shard& shard = shards_[tag % shard_count];
  const std::lock_guard guard(shard.mutex);
  const auto found = shard.counts.find(tag);
  if (limit_ != 0 && found != shard.counts.end() && found->second >= limit_) return std::nullopt;
  ++shard.counts[tag];
  return Place(*this, tag);
}

std::uint64_t ConcurrencyLimiter::count(std::string_view key) const {
  const std::uint64_t tag = hash_(key);
  const Shard& shard = shards_[tag % shard_count];
  const std::lock_guard guard(shard.mutex);
  const auto found = shard.counts.find(tag);
  return found == shard.counts.end() ? 0 : found->second;
}

}  // namespace postern
