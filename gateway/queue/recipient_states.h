// recipient_states.h — the states of a message's recipients in two bits each.
//
// Up to 32 recipients, nearly every message, they fit into the place of the pointer.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "gateway/queue/envelope.h"

namespace postern {

class RecipientStates {
 public:
  explicit RecipientStates(const std::vector<QueuedRecipient>& recipients)
      : count_(static_cast<std::uint32_t>(recipients.size())) {
    if (!fits()) words_ = new std::uint64_t[(count_ + per_word - 1) / per_word]{};
    open_ = count_;  // all bits zero is "queued"
    for (std::uint32_t i = 0; i < count_; ++i) set(i, recipients[i].state);
  }
  RecipientStates(RecipientStates&& other) noexcept { swap(other); }
  RecipientStates& operator=(RecipientStates&& other) noexcept {
    swap(other);
    return *this;
  }
  ~RecipientStates() {
    if (!fits()) delete[] words_;
  }

  std::uint32_t count() const { return count_; }
  std::uint32_t open() const { return open_; }

  RecipientState at(std::uint32_t i) const {
    return static_cast<RecipientState>(word(i) >> shift(i) & 3);
  }

  /// An index that does not exist is ignored: it comes from a record on disk.
  void set(std::uint32_t i, RecipientState state) {
    if (i >= count_) return;
    if (at(i) == RecipientState::queued) --open_;
    if (state == RecipientState::queued) ++open_;
    std::uint64_t& bits = fits() ? inline_ : words_[i / per_word];
    bits = (bits & ~(std::uint64_t{3} << shift(i))) | static_cast<std::uint64_t>(state) << shift(i);
  }

 private:
  static constexpr std::uint32_t per_word = 32;

  static unsigned shift(std::uint32_t i) { return i % per_word * 2; }
  bool fits() const { return count_ <= per_word; }
  std::uint64_t word(std::uint32_t i) const { return fits() ? inline_ : words_[i / per_word]; }
  void swap(RecipientStates& other) noexcept {
    std::swap(inline_, other.inline_);  // the wider of the two, so the pointer goes with it
    std::swap(count_, other.count_);
    std::swap(open_, other.open_);
  }

  static_assert(sizeof(std::uint64_t*) <= sizeof(std::uint64_t));
  union {
    std::uint64_t inline_ = 0;
    std::uint64_t* words_;
  };
  std::uint32_t count_ = 0;
  std::uint32_t open_ = 0;
};

}  // namespace postern
