// set_table.h — finding runs of up to eight octets, each of them within a set, in one pass.
//
// For patterns that spell a word in too many ways to list them (v, V, \/ … i, 1, l, ! …). A table
// for each of the eight positions says, for an octet, which of 64 runs allow it there; the runs
// that stand at a place are what is left when the eight words are joined by AND.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "rules/patterns/octet_set.h"

namespace postern {

class SetTable {
 public:
  static constexpr std::size_t longest = 8;

  /// `before`: what may stand in front. Positions beyond the last set allow all octets.
  void add(const OctetSet& before, std::span<const OctetSet> sets, std::uint32_t place);
  std::size_t memory() const { return groups_.size() * sizeof(Group); }

  /// `text` has an octet in front of it and `longest` more behind its `size`.
  /// found(place, position).
  template <class Report>
  void scan(const char* text, std::size_t size, Report&& found) const {
    const auto* const octets = reinterpret_cast<const unsigned char*>(text);
    for (const auto& group : groups_) {
      const auto& allowed = group.allowed;
      for (std::size_t at = 0; at < size; ++at) {
        const auto* const here = octets + at;
        auto left = group.before[here[-1]] & allowed[0][here[0]] & allowed[1][here[1]] &
                    allowed[2][here[2]];
        if (left == 0) continue;
        left &= allowed[3][here[3]] & allowed[4][here[4]];
        if (left == 0) continue;
        left &= allowed[5][here[5]] & allowed[6][here[6]] & allowed[7][here[7]];
        for (; left != 0; left &= left - 1) {
          found(group.places[static_cast<std::size_t>(std::countr_zero(left))], at);
        }
      }
    }
  }

 private:
  struct Group {
    std::array<std::uint64_t, 256> before{};
    std::array<std::array<std::uint64_t, 256>, longest> allowed{};
    std::vector<std::uint32_t> places;  // by bit
  };
  std::vector<Group> groups_;
};

}  // namespace postern
