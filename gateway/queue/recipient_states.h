// recipient_states.h — the states of a message's recipients in two bits each.
//
// A view: the octets are the index's. All zero means that all are queued.
#pragma once

#include <cstddef>
#include <cstdint>

#include "gateway/queue/envelope.h"

namespace postern {

class RecipientStates {
 public:
  static constexpr std::size_t octets_for(std::size_t recipients) { return (recipients + 3) / 4; }

  RecipientStates(std::uint8_t* octets, std::uint32_t count) : octets_(octets), count_(count) {}

  std::uint32_t count() const { return count_; }
  std::uint32_t open() const {
    std::uint32_t open = 0;
    for (std::uint32_t i = 0; i < count_; ++i) open += at(i) == RecipientState::queued;
    return open;
  }

  RecipientState at(std::uint32_t i) const {
    return static_cast<RecipientState>(octets_[i / 4] >> shift(i) & 3);
  }

  /// An index that does not exist is ignored: it comes from a record on disk.
  void set(std::uint32_t i, RecipientState state) {
    if (i >= count_) return;
    std::uint8_t& octet = octets_[i / 4];
    octet = static_cast<std::uint8_t>((octet & ~(3U << shift(i))) | static_cast<unsigned>(state)
                                                                        << shift(i));
  }

 private:
  static unsigned shift(std::uint32_t i) { return i % 4 * 2; }

  std::uint8_t* octets_;
  std::uint32_t count_;
};

}  // namespace postern
