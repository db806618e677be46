// id_table.h — from a message's id to its number in a slab: about six octets a message.
//
// Many small tables, since a large one stops all mail for a moment when it grows.
#pragma once

#include <array>
#include <cstdint>

#include "gateway/queue/message_id.h"
#include "gateway/queue/slot_table.h"

namespace postern {

/// `Ids` gives the id of a number that is in the table: MessageId id_of(std::uint32_t) const.
template <class Ids>
class IdTable {
 public:
  static constexpr std::uint32_t none = UINT32_MAX;

  explicit IdTable(const Ids& ids) : things_{ids} {}

  std::uint32_t find(MessageId id) const {
    const std::uint64_t hash = spread(id);
    // The table's zero is no number, ours begin with it.
    const auto found = shards_[shard_of(hash)].find(
        hash, [this, id](std::uint32_t slot) { return things_.ids.id_of(slot - 1) == id; });
    return found == 0 ? none : found - 1;
  }
  /// The id must not be in the table.
  void add(MessageId id, std::uint32_t number) {
    const std::uint64_t hash = spread(id);
    shards_[shard_of(hash)].add(hash, number + 1, things_);
  }
  /// It must be in the table.
  void remove(MessageId id, std::uint32_t number) {
    const std::uint64_t hash = spread(id);
    shards_[shard_of(hash)].remove(hash, number + 1);
  }

 private:
  struct Things {
    const Ids& ids;
    std::uint64_t hash_of(std::uint32_t slot) const { return spread(ids.id_of(slot - 1)); }
    void prefetch(std::uint32_t) const {}
  };
  static constexpr std::size_t shard_count = 256;

  // The ids are ours, so nobody can aim at a place; they only have to be spread. Both the upper and
  // the lower bits are used, by the table and by the choice of a shard.
  static std::uint64_t spread(MessageId id) {
    const std::uint64_t product = id.value * 0x9E3779B97F4A7C15ULL;
    return product ^ product >> 32;
  }
  static std::size_t shard_of(std::uint64_t hash) { return hash >> 40 & (shard_count - 1); }

  std::array<SlotTable, shard_count> shards_;
  Things things_;
};

}  // namespace postern
