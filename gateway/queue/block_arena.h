// block_arena.h — blocks of memory with 32-bit names instead of pointers, and no header of their
// own.
//
// What a million messages need is many small pieces: malloc would add 16 octets to each, a pointer
// 8 to each mention. Blocks of one size share pages; a page without blocks is given back, so that
// a storm does not leave its memory behind. A block never moves. Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

namespace postern {

class BlockArena {
 public:
  static constexpr std::size_t page_size = 16U << 10;
  /// Blocks above this have a page of their own, of just their size.
  static constexpr std::size_t largest_shared = page_size / 8;

  /// The number of a new block with any octets in it; never 0. Few sizes, please: each costs a
  /// page that is half empty.
  std::uint32_t take(std::size_t size);
  void give_back(std::uint32_t block);

  char* at(std::uint32_t block) { return place(block); }
  const char* at(std::uint32_t block) const { return place(block); }
  std::size_t size_of(std::uint32_t block) const { return pages_[block >> index_bits].block_size; }

  /// For who walks over all blocks of an arena with one size: pages are 0 to pages()-1, and some
  /// have no blocks. Which of a page's blocks are taken is for the blocks' owner to know: `take`
  /// hands out octets that are zero the first time, and give_back touches the first two only.
  std::size_t pages() const { return pages_.size(); }
  std::size_t blocks_of_page(std::size_t page) const { return pages_[page].touched; }
  static std::uint32_t block(std::size_t page, std::size_t index) {
    return static_cast<std::uint32_t>(page << index_bits | index);
  }

 private:
  static constexpr unsigned index_bits = 11;  // so a block has 8 octets or more; 32 GiB in all
  static constexpr std::uint16_t none = UINT16_MAX;

  struct Page {
    std::unique_ptr<char[]> octets;
    std::uint32_t block_size = 0;
    std::uint16_t used = 0;
    std::uint16_t touched = 0;  // blocks that were ever handed out
    std::uint16_t first_free = none;
    std::uint32_t place_in_roomy = 0;

    bool full() const { return first_free == none && !room(); }
    bool room() const { return (touched + std::size_t{1}) * block_size <= page_size; }
  };

  char* place(std::uint32_t block) const {
    const Page& page = pages_[block >> index_bits];
    return page.octets.get() + std::size_t{page.block_size} * (block & ((1U << index_bits) - 1));
  }
  std::uint32_t begin_page(std::size_t block_size, std::size_t octets);
  void end_page(std::uint32_t page);
  void now_roomy(std::uint32_t page);
  void not_roomy(std::uint32_t page);

  std::vector<Page> pages_ = std::vector<Page>(1);  // the first has no blocks: no block is 0
  std::vector<std::uint32_t> ended_;                // numbers of pages without memory
  std::unordered_map<std::size_t, std::vector<std::uint32_t>> roomy_;  // by block size
};

}  // namespace postern
