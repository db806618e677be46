#include "rules/patterns/gram_table.h"

#include <algorithm>

namespace postern {
namespace {

// Bits of the bitmap for each string: one place in this many is asked in vain.
constexpr std::size_t sparseness = 48;
constexpr std::size_t largest_bitmap = 1U << 20;  // 128 KiB: beyond it the cache is lost

}  // namespace

void GramTable::build(std::vector<std::pair<std::uint32_t, std::uint32_t>> grams) {
  std::ranges::sort(grams);
  const auto same = std::ranges::unique(grams);
  grams.erase(same.begin(), same.end());
  if (grams.empty()) return;
  const auto bits =
      std::clamp(std::bit_ceil(grams.size() * sparseness), std::size_t{64}, largest_bitmap);
  bitmap_.assign(bits / 64, 0);
  bitmap_shift_ = 32 - static_cast<unsigned>(std::countr_zero(bits));
  entries_.assign(std::bit_ceil(grams.size() * 2 + 1), {});
  entry_shift_ = 32 - static_cast<unsigned>(std::countr_zero(entries_.size()));
  for (std::size_t i = 0; i < grams.size();) {
    const auto gram = grams[i].first;
    Entry entry{gram, static_cast<std::uint32_t>(places_.size()), 0};
    for (; i < grams.size() && grams[i].first == gram; ++i, ++entry.count) {
      places_.push_back(grams[i].second);
    }
    const auto bit = hash(gram) >> bitmap_shift_;
    bitmap_[bit >> 6] |= std::uint64_t{1} << (bit & 63U);
    auto at = hash(gram) >> entry_shift_;
    while (entries_[at].count != 0) at = (at + 1) & (entries_.size() - 1);
    entries_[at] = entry;
  }
}

}  // namespace postern
