// text_pool.h — strings that many messages share, kept once.
//
// When a destination is down, a million messages carry the same last reply; each holds four octets
// of it. Not thread-safe: its owner has the lock.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace postern {

class TextPool {
 public:
  /// The number of the text, with one more user. 0 is the empty text, which costs nothing.
  std::uint32_t add(std::string_view text);
  /// One user less; a text without users is forgotten.
  void drop(std::uint32_t number);
  const std::string& at(std::uint32_t number) const { return slots_[number].text; }
  std::size_t size() const { return numbers_.size(); }

 private:
  struct Slot {
    std::string text;
    std::uint64_t users = 0;
  };

  std::deque<Slot> slots_{1};  // a deque, since numbers_ has views into it
  std::vector<std::uint32_t> free_;
  std::unordered_map<std::string_view, std::uint32_t> numbers_;
};

}  // namespace postern
