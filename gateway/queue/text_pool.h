// text_pool.h — strings that many messages share, kept once, and others in as little as can be.
//
// When a destination is down, a million messages carry the same last reply; each holds four octets
// of it. A text of its own costs its octets and about ten more. Not thread-safe: its owner has the
// lock.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "gateway/base/seeded_hash.h"
#include "gateway/queue/block_arena.h"
#include "gateway/queue/slot_table.h"

namespace postern {

class TextPool {
 public:
  /// The number of the text, with one more user. 0 is the empty text, which costs nothing.
  std::uint32_t add(std::string_view text);
  /// One more user of a text that is there.
  std::uint32_t again(std::uint32_t number);
  /// One user less; a text without users is forgotten.
  void drop(std::uint32_t number);

  /// Lives as long as the text has users.
  std::string_view at(std::uint32_t number) const;
  bool shared(std::uint32_t number) const { return users(number) > 1; }
  void prefetch(std::uint32_t number) const {
    if (number != 0) __builtin_prefetch(blocks_.at(number));
  }
  std::uint64_t hash_of(std::uint32_t number) const { return hash_(at(number)); }
  /// The text will be added soon.
  void prefetch(std::string_view text) const;
  std::size_t size() const { return size_; }
  /// So many will come: no table grows meanwhile.
  void expect(std::size_t count);

  /// From here on no number is used for another text, until as many calls of release_numbers.
  void keep_numbers() { ++keepers_; }
  void release_numbers();

 private:
  /// Many small tables, since a large one stops all mail for a moment when it grows.
  static constexpr std::size_t shard_count = 256;
  SlotTable& shard(std::uint64_t hash) { return shards_[(hash >> 40) % shard_count]; }
  const SlotTable& shard(std::uint64_t hash) const { return shards_[(hash >> 40) % shard_count]; }
  std::uint16_t users(std::uint32_t number) const;
  void set_users(std::uint32_t number, std::uint16_t users);

  SeededHash hash_;
  BlockArena blocks_;
  std::array<SlotTable, shard_count> shards_;
  std::size_t size_ = 0;
  unsigned keepers_ = 0;
  std::vector<std::uint32_t> forgotten_;  // without users, their numbers not yet free
};

}  // namespace postern
