#include "gateway/queue/text_pool.h"

namespace postern {

std::uint32_t TextPool::add(std::string_view text) {
  if (text.empty()) return 0;
  if (const auto known = numbers_.find(text); known != numbers_.end()) {
    ++slots_[known->second].users;
    return known->second;
  }
  std::uint32_t number = 0;
  if (free_.empty()) {
    number = static_cast<std::uint32_t>(slots_.size());
    slots_.emplace_back();
  } else {
    number = free_.back();
    free_.pop_back();
  }
  slots_[number] = {std::string(text), 1};
  numbers_.emplace(slots_[number].text, number);
  return number;
}

void TextPool::drop(std::uint32_t number) {
  if (number == 0 || --slots_[number].users > 0) return;
  numbers_.erase(slots_[number].text);
  slots_[number].text = {};
  free_.push_back(number);
}

}  // namespace postern
