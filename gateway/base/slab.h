// slab.h — many small objects of one type, named by 32-bit numbers instead of pointers.
//
// A number costs half a pointer, an object no allocation of its own, and growth moves nothing: a
// table of a million entries never stops its thread to be copied. Numbers are used again. Not
// thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace postern {

template <class T>
class Slab {
 public:
  static constexpr std::uint32_t none = UINT32_MAX;

  /// The number of a new, value-initialised object.
  std::uint32_t add() {
    if (!free_.empty()) {
      const std::uint32_t number = free_.back();
      free_.pop_back();
      (*this)[number] = T{};
      return number;
    }
    if (used_ == chunks_.size() * chunk) chunks_.push_back(std::make_unique<T[]>(chunk));
    return used_++;
  }
  void drop(std::uint32_t number) { free_.push_back(number); }

  T& operator[](std::uint32_t number) { return chunks_[number / chunk][number % chunk]; }
  const T& operator[](std::uint32_t number) const {
    return chunks_[number / chunk][number % chunk];
  }
  std::size_t size() const { return used_ - free_.size(); }
  /// All numbers that were ever given out are below this.
  std::uint32_t bound() const { return used_; }

 private:
  static constexpr std::uint32_t chunk = 4096;

  std::vector<std::unique_ptr<T[]>> chunks_;
  std::vector<std::uint32_t> free_;
  std::uint32_t used_ = 0;
};

}  // namespace postern
