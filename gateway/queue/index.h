// index.h — the living messages: where each lies in the log, and what has become of it since.
//
// Everything that a retry changes is here and on disk, and what lists, filters and the scheduler
// ask for; the rest is on disk alone. Thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "gateway/queue/envelope.h"
#include "gateway/queue/recipient_states.h"
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

  /// What a change did.
  enum class Outcome { unknown, open, over };
  struct Change {
    Outcome outcome = Outcome::unknown;
    bool own_file = false;  // over: content/ID can go once that is on disk
  };

  /// Adds a message, or takes its state and place anew from a later record.
  void put(const Envelope& envelope, std::uint64_t content_size, bool own_file,
           const Location& location);
  /// When no recipient is open any more the message is over and forgotten here.
  Change apply(const Progress& progress);
  Change erase(MessageId id);
  /// Collection copied the record; nothing happens when the message has ended or moved since.
  void relocate(MessageId id, const Location& from, const Location& to);

  std::optional<Message> find(MessageId id) const;
  bool lives_at(MessageId id, std::uint32_t segment, std::uint32_t offset) const;
  std::vector<MessageId> ids() const;  // ascending
  bool look(MessageId id, const Spool::See& see) const;
  void look_at_all(const Spool::See& see) const;
  std::size_t size() const;

  /// Octets of records that living messages need, in one segment and in all.
  std::uint64_t live_octets(std::uint32_t segment) const;
  std::uint64_t live_octets() const;

 private:
  struct Entry {
    Location location;
    RecipientStates states;
    WallTime arrival{};
    WallTime next_attempt{};
    std::uint64_t size = 0;
    std::uint32_t attempts = 0;
    // In texts_.
    std::uint32_t sender = 0;
    std::uint32_t client = 0;
    std::uint32_t recipients = 0;
    std::uint32_t last_reply = 0;
    std::uint32_t hold = 0;
    std::uint32_t route = 0;
    bool own_file = false;
    bool delay_notice_sent = false;
  };
  using Shard = std::unordered_map<std::uint64_t, Entry>;

  /// Many small maps, since a large one stops all mail for a moment when it grows.
  static constexpr std::size_t shard_count = 256;
  Shard& shard(MessageId id);
  const Shard& shard(MessageId id) const { return const_cast<Index*>(this)->shard(id); }
  Change forget(Shard& from, Shard::iterator entry);
  void see(MessageId id, const Entry& entry, const Spool::See& see) const;
  void count(const Location& location);
  void discount(const Location& location);

  mutable std::mutex mutex_;
  std::array<Shard, shard_count> shards_;
  TextPool texts_;
  std::map<std::uint32_t, std::uint64_t> live_;  // segment to octets; without zeros
  std::uint64_t live_total_ = 0;
  std::size_t size_ = 0;
};

}  // namespace postern
