// id_table.h — from a message's id to its number in a slab: six octets a message.
//
// Open addressing over the numbers alone; the ids stand in the slab, so the table asks its owner
// for them. Many small tables, since a large one stops all mail for a moment when it grows.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "gateway/queue/message_id.h"

namespace postern {

class IdTable {
 public:
  static constexpr std::uint32_t none = UINT32_MAX;

  /// `id_of(number)` gives the id of a number that is in the table.
  template <class IdOf>
  std::uint32_t find(MessageId id, const IdOf& id_of) const {
    const Shard& shard = shards_[shard_of(id)];
    if (shard.places.empty()) return none;
    for (std::size_t i = home(id, shard);; i = next(i, shard)) {
      if (shard.places[i] == none) return none;
      if (id_of(shard.places[i]) == id) return shard.places[i];
    }
  }

  /// The id must not be in the table.
  template <class IdOf>
  void add(MessageId id, std::uint32_t number, const IdOf& id_of) {
    Shard& shard = shards_[shard_of(id)];
    if (4 * (shard.used + 1) > 3 * shard.places.size()) grow(shard, id_of);
    put(shard, id, number);
    ++shard.used;
  }

  template <class IdOf>
  void remove(MessageId id, const IdOf& id_of) {
    Shard& shard = shards_[shard_of(id)];
    if (shard.places.empty()) return;
    std::size_t hole = home(id, shard);
    while (shard.places[hole] != none && id_of(shard.places[hole]) != id) hole = next(hole, shard);
    if (shard.places[hole] == none) return;
    // What was pushed past the hole by it moves back, so that no search ends too early.
    for (std::size_t i = next(hole, shard); shard.places[i] != none; i = next(i, shard)) {
      const std::size_t wanted = home(id_of(shard.places[i]), shard);
      const std::size_t mask = shard.places.size() - 1;
      if (((i - wanted) & mask) < ((i - hole) & mask)) continue;
      shard.places[hole] = shard.places[i];
      hole = i;
    }
    shard.places[hole] = none;
    --shard.used;
  }

 private:
  struct Shard {
    std::vector<std::uint32_t> places;  // a power of two of them
    std::size_t used = 0;
  };
  static constexpr std::size_t shard_count = 256;
  static constexpr std::size_t first_size = 16;

  // The ids are ours, so nobody can aim at a place; they only have to be spread.
  static std::uint64_t spread(MessageId id) { return id.value * 0x9E3779B97F4A7C15ULL; }
  static std::size_t shard_of(MessageId id) { return spread(id) >> 56; }
  static std::size_t home(MessageId id, const Shard& shard) {
    return (spread(id) >> 20) & (shard.places.size() - 1);
  }
  static std::size_t next(std::size_t i, const Shard& shard) {
    return (i + 1) & (shard.places.size() - 1);
  }
  static void put(Shard& shard, MessageId id, std::uint32_t number) {
    std::size_t i = home(id, shard);
    while (shard.places[i] != none) i = next(i, shard);
    shard.places[i] = number;
  }
  template <class IdOf>
  static void grow(Shard& shard, const IdOf& id_of) {
    std::vector<std::uint32_t> old = std::move(shard.places);
    shard.places.assign(old.empty() ? first_size : old.size() * 2, none);
    for (const std::uint32_t number : old) {
      if (number != none) put(shard, id_of(number), number);
    }
  }

  std::array<Shard, shard_count> shards_;
};

}  // namespace postern
