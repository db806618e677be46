// index_entry.h — one message in the index, 64 octets; for index.cc and index_walk.cc alone.
#pragma once

#include <cstdint>
#include <mutex>

#include "gateway/queue/index.h"

namespace postern {

/// Lies in a block of entries_. Numbers that are small by nature share a word.
struct Index::Entry {
  std::uint64_t id;            // its first two octets are the arena's once the entry is free
  std::uint32_t arrival;       // seconds since 1970
  std::uint32_t next_attempt;  // likewise; 0: none
  std::uint32_t states;        // themselves, or where count says so their block in states_
  std::uint32_t segment;
  std::uint32_t offset;
  std::uint32_t size_low;
  std::uint32_t size_high : 8;
  std::uint32_t head_length : 24;
  std::uint32_t attempts : 24;
  std::uint32_t count : 5;  // of recipients
  std::uint32_t used : 1;
  std::uint32_t own_file : 1;
  std::uint32_t delay_notice_sent : 1;
  // In texts_.
  std::uint32_t sender;
  std::uint32_t client;
  std::uint32_t recipients;
  std::uint32_t last_reply;
  std::uint32_t hold;
  std::uint32_t route;

  std::uint64_t size() const { return std::uint64_t{size_high} << 32 | size_low; }
  Location location() const { return {segment, offset, head_length, own_file ? 0 : size_low}; }
  void move_to(const Location& to) {
    segment = to.segment;
    offset = to.offset;
    head_length = to.head_length & longest_head;
  }
  bool has_block() const { return count == too_many; }

  static constexpr std::uint32_t most_inside = sizeof(states) * 4;
  static constexpr std::uint32_t too_many = 31;
  static constexpr std::uint32_t most_attempts = (1U << 24) - 1;
};

/// Says that it waits, so that a walk can let it in.
class Index::Lock {
 public:
  explicit Lock(const Index& index) : mutex_(index.mutex_) {
    if (mutex_.try_lock()) return;
    ++index.waiting_;
    mutex_.lock();
    --index.waiting_;
  }
  ~Lock() { mutex_.unlock(); }
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;

 private:
  std::mutex& mutex_;
};

/// What the tables ask of entries when they grow.
struct Index::Entries {
  const Index& index;
  std::uint64_t hash_of(std::uint32_t slot) const { return index.hash_(index.entry(slot).id); }
  void prefetch(std::uint32_t slot) const { __builtin_prefetch(index.entries_.at(slot)); }
};

inline Index::Entry& Index::entry(std::uint32_t slot) const {
  static_assert(sizeof(Entry) == 64);
  return *reinterpret_cast<Entry*>(entries_.at(slot));
}

}  // namespace postern
