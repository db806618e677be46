// slot_table.h — a hash table of 32-bit numbers, for things that lie elsewhere.
//
// A bucket is a number and 8 bits of the hash, 5 octets, so that looking for something touches
// hardly more than its bucket and the thing itself. Zero is no number. Not thread-safe.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <utility>

namespace postern {

class SlotTable {
 public:
  /// The number for which `is_it(number)` among those with this hash, or 0.
  template <class IsIt>
  std::uint32_t find(std::uint64_t hash, IsIt is_it) const {
    if (capacity_ == 0) return 0;
    const auto tag = tag_of(hash);
    for (auto i = home(hash); tag_at(i) != empty; i = after(i)) {
      if (tag_at(i) == tag && is_it(number_at(i))) return number_at(i);
    }
    return 0;
  }

  /// Adds a number that is not there. When the table grows, `things` is asked for the hash_of() of
  /// all others, and shortly before that to prefetch() them.
  template <class Things>
  void add(std::uint64_t hash, std::uint32_t number, const Things& things) {
    if ((filled_ + 1) * 8 > capacity_ * 7) rebuild(used_ + 1, things);
    insert(hash, number);
  }

  /// Before find() or add() with this hash, so that memory has time to answer.
  void prefetch(std::uint64_t hash) const {
    if (capacity_ != 0) __builtin_prefetch(&buckets_[home(hash) * bucket_size]);
  }

  /// Takes a number away that is there.
  void remove(std::uint64_t hash, std::uint32_t number) {
    auto i = home(hash);
    while (tag_at(i) <= gone || number_at(i) != number) i = after(i);
    --used_;
    const bool last = tag_at(after(i)) == empty;
    if (last) --filled_;
    set(i, 0, last ? empty : gone);
  }

  /// Grows at once for so many, where that many are known to come.
  template <class Things>
  void expect(std::size_t count, const Things& things) {
    if (count > used_) rebuild(count, things);
  }

  std::size_t size() const { return used_; }

 private:
  static constexpr std::size_t bucket_size = 5;
  static constexpr std::uint8_t empty = 0;
  static constexpr std::uint8_t gone = 1;  // something was here; looking goes on
  static constexpr std::size_t least_capacity = 16;
  static constexpr std::size_t look_ahead = 16;

  static std::uint8_t tag_of(std::uint64_t hash) {
    return static_cast<std::uint8_t>(std::max<std::uint64_t>(hash >> 56, 2));
  }
  std::size_t home(std::uint64_t hash) const {
    return static_cast<std::size_t>((hash & UINT32_MAX) * capacity_ >> 32);
  }
  std::size_t after(std::size_t i) const { return i + 1 == capacity_ ? 0 : i + 1; }
  std::uint8_t tag_at(std::size_t i) const { return buckets_[i * bucket_size]; }
  std::uint32_t number_at(std::size_t i) const {
    std::uint32_t out = 0;
    std::memcpy(&out, &buckets_[i * bucket_size + 1], sizeof out);
    return out;
  }
  void set(std::size_t i, std::uint32_t number, std::uint8_t tag) {
    buckets_[i * bucket_size] = tag;
    std::memcpy(&buckets_[i * bucket_size + 1], &number, sizeof number);
  }

  void insert(std::uint64_t hash, std::uint32_t number) {
    auto i = home(hash);
    while (tag_at(i) > gone) i = after(i);
    if (tag_at(i) == empty) ++filled_;
    ++used_;
    set(i, number, tag_of(hash));
  }

  template <class Things>
  void rebuild(std::size_t count, const Things& things) {
    SlotTable larger;
    larger.capacity_ = std::max(least_capacity, count * 4 / 3);
    larger.buckets_ = std::make_unique<std::uint8_t[]>(larger.capacity_ * bucket_size);
    std::array<std::uint32_t, look_ahead> coming;
    std::size_t known = 0;
    const auto move = [&] {
      for (std::size_t i = 0; i < known; ++i) larger.insert(things.hash_of(coming[i]), coming[i]);
      known = 0;
    };
    for (std::size_t i = 0; i < capacity_; ++i) {
      if (tag_at(i) <= gone) continue;
      things.prefetch(coming[known++] = number_at(i));
      if (known == look_ahead) move();
    }
    move();
    *this = std::move(larger);
  }

  std::unique_ptr<std::uint8_t[]> buckets_;  // first the tag, then the number
  std::size_t capacity_ = 0;
  std::size_t used_ = 0;
  std::size_t filled_ = 0;  // with what is gone
};

}  // namespace postern
