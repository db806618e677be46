// rate.h — how often, and how many at once: limits per client.
//
// Memory is fixed whatever strangers do: a limiter remembers only a seeded 64-bit hash and a time a
// key, in small sets. A full set forgets the key that is closest to being idle, so a flood of
// new addresses cannot wash out the record of a busy one. All functions are thread-safe.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "gateway/base/clock.h"
#include "gateway/base/config.h"
#include "gateway/base/seeded_hash.h"
#include "policies/configured.h"
#include "policies/network.h"

namespace postern {

struct RateSettings {
  std::int64_t smtpd_client_connection_count_limit = 50;
  std::int64_t smtpd_client_connection_rate_limit = 0;
  std::int64_t smtpd_client_message_rate_limit = 0;
  std::int64_t smtpd_client_recipient_rate_limit = 0;
  milliseconds anvil_rate_time_unit = seconds(60);
  std::int64_t smtpd_client_ipv4_prefix_length = 32;
  std::int64_t smtpd_client_ipv6_prefix_length = 84;
  /// Nothing given: mynetworks.
  ConfiguredList smtpd_client_event_limit_exceptions{{}, "smtpd_client_event_limit_exceptions"};
};

void describe(RateSettings& settings, Keys& keys);

/// What counts as one client: its address, cut to the prefix length of its family.
std::string client_key(const IpAddress& address, const RateSettings& settings);

/// At most `limit` events of a key within `unit`: as a burst, or spread out (GCRA, a token bucket
/// that holds `limit` and refills steadily). Refused events do not count.
class RateLimiter {
 public:
  /// `limit` 0: no limit. Room for at least `keys` keys, 16 octets each.
  RateLimiter(std::uint64_t limit, milliseconds unit, std::size_t keys = 131072);

  /// Counts an event; false: it is over the limit, and not counted.
  bool admit(std::string_view key, SteadyTime now) {
    return book(key, now, milliseconds::zero()).has_value();
  }
  /// Counts an event that may wait for its turn, and says how long; nothing, and not counted: its
  /// turn would come after `patience`.
  std::optional<milliseconds> book(std::string_view key, SteadyTime now, milliseconds patience);
  /// How long until an event of that key would be admitted; zero: now.
  milliseconds wait(std::string_view key, SteadyTime now) const;

 private:
  struct Entry {
    std::uint64_t tag = 0;  // the key's hash; 0 = free
    std::int64_t due = 0;   // when all that was admitted is paid for (GCRA's TAT), nanoseconds
  };
  static constexpr std::size_t ways = 8;
  static constexpr std::size_t shard_count = 16;
  struct Shard {
    mutable std::mutex mutex;
    std::vector<std::array<Entry, ways>> sets;
  };

  std::uint64_t tag_of(std::string_view key) const;
  std::size_t set_of(std::uint64_t tag) const { return (tag >> 4U) % sets_in_shard_; }

  std::int64_t interval_ = 0;  // between two events at the steady rate; 0 = no limit
  std::int64_t burst_ = 0;     // how far ahead of the steady rate a key may be
  std::size_t sets_in_shard_ = 1;
  SeededHash hash_;
  std::array<Shard, shard_count> shards_;
};

/// How many connections a key has open. Exact: keys live as long as they have one.
class ConcurrencyLimiter {
 public:
  /// Held by a connection; gives its place back when destroyed. The limiter must outlive it.
  class Place {
   public:
    Place(Place&& other) noexcept;
    Place& operator=(Place&& other) noexcept;
    ~Place() { leave(); }

   private:
    friend class ConcurrencyLimiter;
    Place(ConcurrencyLimiter& limiter, std::uint64_t tag) : limiter_(&limiter), tag_(tag) {}
    void leave();

    ConcurrencyLimiter* limiter_;
    std::uint64_t tag_;
  };

  /// `limit` 0: no limit, but still counted.
  explicit ConcurrencyLimiter(std::uint64_t limit) : limit_(limit) {}
  /// Nothing where the key has all its places taken.
  std::optional<Place> enter(std::string_view key);
  std::uint64_t count(std::string_view key) const;

 private:
  static constexpr std::size_t shard_count = 16;
  struct Shard {
    mutable std::mutex mutex;
    std::unordered_map<std::uint64_t, std::uint64_t> counts;
  };

  std::uint64_t limit_;
  SeededHash hash_;
  std::array<Shard, shard_count> shards_;
};

}  // namespace postern
