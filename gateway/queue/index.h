// index.h — the living messages: where each lies in the log, and what has become of it since.
//
// Everything that a retry changes is here and on disk, and what lists, filters and the scheduler
// ask for; the rest is on disk alone. A million deferred messages must be an ordinary day, so that
// a message is 64 octets, a place of 6 in a hash table, and its texts (text_pool.h). Thread-safe.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/base/seeded_hash.h"
#include "gateway/queue/block_arena.h"
#include "gateway/queue/envelope.h"
#include "gateway/queue/recipient_states.h"
#include "gateway/queue/slot_table.h"
#include "gateway/queue/spool.h"
#include "gateway/queue/text_pool.h"

namespace postern {

/// A record in the log.
struct Location {
  std::uint32_t segment = 0;
  std::uint32_t offset = 0;
  std::uint32_t head_length = 0;
  std::uint32_t tail_length = 0;

  std::uint64_t size() const;  // octets on disk
  bool operator==(const Location&) const = default;
};

class Index {
 public:
  // What an entry has room for: more is in no record that a gateway writes.
  static constexpr std::uint32_t longest_head = (1U << 24) - 1;
  static constexpr std::uint64_t largest_content = (1ULL << 40) - 1;

  /// A message as the index knows it, copied out.
  struct Message {
    Location location;
    bool own_file = false;
    std::uint64_t size = 0;  // of the content
    std::uint32_t attempts = 0;
    WallTime next_attempt{};
    std::string last_reply, hold, route;
    bool delay_notice_sent = false;
    std::vector<RecipientState> states;

    /// Brings an envelope read from the log up to date.
    void update(Envelope& envelope) const;
  };

  struct Text {
    std::string_view octets;
    std::uint32_t number = 0;  // two texts with one number are equal, as long as a Walk goes on
    bool shared = false;
  };
  /// All that the index keeps of a message, where it lies. Valid during the call that hands it out.
  struct Known {
    MessageId id;
    WallTime arrival{};
    WallTime next_attempt{};
    std::uint64_t size = 0;
    std::uint32_t attempts = 0;
    bool own_file = false;
    bool delay_notice_sent = false;
    Location location;
    Text sender, client, last_reply, hold, route;
    Text recipients;  // of all, open or not, each followed by LF
    RecipientStates states;
  };
  using SeeKnown = std::function<void(const Known&)>;

  /// Goes over all messages in slices: each that exists all the time is met once. The lock is held
  /// for one slice, and whoever waits for it comes in between.
  class Walk {
   public:
    explicit Walk(const Index& index);
    ~Walk();
    Walk(const Walk&) = delete;
    Walk& operator=(const Walk&) = delete;
    /// One slice; false when that was the last.
    bool step(const SeeKnown& see);

   private:
    const Index& index_;
    std::size_t page_ = 0;
  };

  /// What a change did.
  enum class Outcome { unknown, open, over };
  struct Change {
    Outcome outcome = Outcome::unknown;
    bool own_file = false;  // over: content/ID can go once that is on disk
  };

  /// Adds a message, or takes its state and place anew from a later record.
  void put(const Envelope& envelope, std::uint64_t content_size, bool own_file,
           const Location& location);
  /// Likewise for several at once, which is quicker.
  void put(std::span<const Known> several);
  /// So many will be put, with so many texts in all: makes that quicker.
  void expect(std::size_t messages, std::size_t texts);
  /// When no recipient is open any more the message is over and forgotten here.
  Change apply(const Progress& progress);
  Change erase(MessageId id);
  void clear();
  /// Collection copied the record; nothing happens when the message has ended or moved since.
  void relocate(MessageId id, const Location& from, const Location& to);

  std::optional<Message> find(MessageId id) const;
  bool lives_at(MessageId id, std::uint32_t segment, std::uint32_t offset) const;
  std::vector<MessageId> ids() const;  // ascending
  bool look(MessageId id, const Spool::See& see) const;
  void look_at_all(const Spool::See& see) const;
  /// In order of ids. The lock is held all the time: for the start.
  void look_in_order(const Spool::See& see) const;
  std::size_t size() const;
  /// The largest id that ever was here, or that saw() was told of.
  MessageId last_id() const;
  void saw(MessageId id);

  /// Octets of records that living messages need, in one segment and in all.
  std::uint64_t live_octets(std::uint32_t segment) const;
  std::uint64_t live_octets() const;

 private:
  struct Entry;
  class Lock;
  struct Entries;
  /// Many small tables, since a large one stops all mail for a moment when it grows.
  static constexpr std::size_t shard_count = 256;

  SlotTable& shard(std::uint64_t hash) { return shards_[(hash >> 40) % shard_count]; }
  const SlotTable& shard(std::uint64_t hash) const { return shards_[(hash >> 40) % shard_count]; }
  Entry& entry(std::uint32_t slot) const;
  std::uint32_t slot_of(MessageId id) const;
  RecipientStates states_of(Entry& entry) const;
  Known known(Entry& entry) const;
  void prefetch(std::uint32_t slot) const;
  void put_locked(const Known& known);
  Change forget(std::uint32_t slot);
  void exchange(std::uint32_t& text, std::string_view octets);
  void count(const Location& location);
  void discount(const Location& location);

  mutable std::mutex mutex_;
  mutable std::atomic<int> waiting_ = 0;  // for mutex_
  SeededHash hash_;
  mutable BlockArena entries_;
  mutable BlockArena states_;  // of messages whose recipients do not fit into their entry
  mutable TextPool texts_;
  std::array<SlotTable, shard_count> shards_;    // id to place in entries_
  std::map<std::uint32_t, std::uint64_t> live_;  // segment to octets; without zeros
  std::uint64_t live_total_ = 0;
  std::size_t size_ = 0;
  MessageId last_id_;
};

}  // namespace postern
