// gram_table.h — finding thousands of short strings in one pass over a text.
//
// Strings of two, three and four octets, a table for each length. At each place of the text the
// octets there are hashed into a bitmap, which says no almost always; only then is the table
// itself asked. Nothing depends on what was read before, so that a text that was never seen costs
// as little as one that was.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <utility>
#include <vector>

namespace postern {

class GramTable {
 public:
  /// Pairs of a string (its first octet lowest) and what to report for it.
  void build(std::vector<std::pair<std::uint32_t, std::uint32_t>> grams);

  bool empty() const { return entries_.empty(); }
  bool maybe(std::uint32_t gram) const {
    const auto bit = hash(gram) >> bitmap_shift_;
    return (bitmap_[bit >> 6] >> (bit & 63U)) & 1;
  }
  template <class Report>
  void report(std::uint32_t gram, Report&& found) const {
    for (auto at = hash(gram) >> entry_shift_;; at = (at + 1) & (entries_.size() - 1)) {
      const auto& entry = entries_[at];
      if (entry.count == 0) return;
      if (entry.gram != gram) continue;
      for (std::uint32_t i = 0; i < entry.count; ++i) found(places_[entry.first + i]);
      return;
    }
  }
  std::size_t memory() const {
    return bitmap_.size() * sizeof(std::uint64_t) + entries_.size() * sizeof(Entry) +
           places_.size() * sizeof(std::uint32_t);
  }

 private:
  struct Entry {
    std::uint32_t gram = 0;
    std::uint32_t first = 0;  // in places_
    std::uint32_t count = 0;
  };
  static std::uint32_t hash(std::uint32_t gram) { return gram * 0x9E3779B1U; }

  std::vector<std::uint64_t> bitmap_;
  std::vector<Entry> entries_;  // a power of two of them, probed one after the other
  std::vector<std::uint32_t> places_;
  unsigned bitmap_shift_ = 31;
  unsigned entry_shift_ = 31;
};

/// One for each length of strings.
class GramTables {
 public:
  static constexpr std::size_t shortest = 2;
  static constexpr std::size_t longest = 4;

  void build(std::size_t length, std::vector<std::pair<std::uint32_t, std::uint32_t>> grams) {
    tables_[length - shortest].build(std::move(grams));
  }
  bool empty() const { return tables_[0].empty() && tables_[1].empty() && tables_[2].empty(); }

  /// `text` is folded and has `longest` octets more behind its `size`. found(place, position).
  template <class Report>
  void scan(const char* text, std::size_t size, Report&& found) const {
    if (!tables_[2].empty()) scan_one<0xFFFFFFFF>(tables_[2], text, size, found);
    if (!tables_[1].empty()) scan_one<0x00FFFFFF>(tables_[1], text, size, found);
    if (!tables_[0].empty()) scan_one<0x0000FFFF>(tables_[0], text, size, found);
  }

 private:
  template <std::uint32_t mask, class Report>
  static void scan_one(const GramTable& table, const char* text, std::size_t size, Report&& found) {
    for (std::size_t at = 0; at < size; ++at) {
      std::uint32_t octets;
      std::memcpy(&octets, text + at, sizeof octets);
      if constexpr (std::endian::native == std::endian::big) octets = __builtin_bswap32(octets);
      octets &= mask;
      if (!table.maybe(octets)) continue;
      table.report(octets, [&](std::uint32_t place) { found(place, at); });
    }
  }

  std::array<GramTable, longest - shortest + 1> tables_;
};

}  // namespace postern
