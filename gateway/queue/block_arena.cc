#include "gateway/queue/block_arena.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace postern {

std::uint32_t BlockArena::take(std::size_t size) {
  size = std::max(size, page_size >> index_bits);
  if (size > largest_shared) {
    const auto page = begin_page(size, size);
    pages_[page].used = pages_[page].touched = 1;
    return block(page, 0);
  }
  auto& roomy = roomy_[size];
  if (roomy.empty()) now_roomy(begin_page(size, page_size));
  const auto number = roomy.back();
  Page& page = pages_[number];
  std::uint32_t taken = 0;
  if (page.first_free == none) {
    taken = block(number, page.touched++);
  } else {
    taken = block(number, page.first_free);
    std::memcpy(&page.first_free, at(taken), sizeof page.first_free);
  }
  ++page.used;
  if (page.full()) not_roomy(number);
  return taken;
}

void BlockArena::give_back(std::uint32_t block) {
  const auto number = block >> index_bits;
  Page& page = pages_[number];
  if (page.block_size > largest_shared) return end_page(number);
  if (page.full()) now_roomy(number);
  std::memcpy(at(block), &page.first_free, sizeof page.first_free);
  page.first_free = static_cast<std::uint16_t>(block & ((1U << index_bits) - 1));
  // One page without blocks is kept, so that a message that comes and goes costs no more.
  if (--page.used > 0 || roomy_[page.block_size].size() == 1) return;
  not_roomy(number);
  end_page(number);
}

std::uint32_t BlockArena::begin_page(std::size_t block_size, std::size_t octets) {
  auto number = static_cast<std::uint32_t>(pages_.size());
  if (ended_.empty()) {
    pages_.emplace_back();
  } else {
    number = ended_.back();
    ended_.pop_back();
  }
  pages_[number].octets = std::make_unique<char[]>(octets);
  pages_[number].block_size = static_cast<std::uint32_t>(block_size);
  return number;
}

void BlockArena::end_page(std::uint32_t page) {
  pages_[page] = {};
  ended_.push_back(page);
}

void BlockArena::now_roomy(std::uint32_t page) {
  auto& roomy = roomy_[pages_[page].block_size];
  pages_[page].place_in_roomy = static_cast<std::uint32_t>(roomy.size());
  roomy.push_back(page);
}

void BlockArena::not_roomy(std::uint32_t page) {
  auto& roomy = roomy_[pages_[page].block_size];
  const auto place = pages_[page].place_in_roomy;
  roomy[place] = roomy.back();
  pages_[roomy[place]].place_in_roomy = place;
  roomy.pop_back();
}

}  // namespace postern
