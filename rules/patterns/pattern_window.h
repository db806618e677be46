// pattern_window.h — what every match of a pattern must contain, and where.
//
// A window is a short run of text, at most eight octets, that stands at a known distance from the
// start of the match: either one of a few strings of two to four octets (grams), or octets each of
// which is in a set. cover_of() chooses windows of which every match has at least one, such that
// mail holds them rarely: places without a window need not be tried. Grams are folded
// (octet_set.h), so that one pass serves rules with and without /i; sets are as the text is.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "rules/patterns/pattern_tree.h"

namespace postern {

inline constexpr std::size_t longest_window = 8;
inline constexpr std::size_t longest_gram = 4;

struct PatternWindow {
  LengthRange offset;  // of its first octet from the start of the match
  /// What the octet in front of it is, or would be if the text did not begin here.
  OctetSet before = OctetSet::all();
  /// Grams, the first octet lowest; when there are none the sets say what the window is.
  std::vector<std::uint32_t> grams{};
  std::size_t length = 0;  // octets of a gram, or sets
  std::array<OctetSet, longest_window> sets{};
};

struct PatternCover {
  std::vector<PatternWindow> windows;
  double cost = 0;  // nanoseconds that it takes for each octet of mail, estimated
};

/// Starts that are tried one by one when a window leaves it open where the match begins; with more
/// of them the rest of the text is searched.
inline constexpr std::uint32_t most_starts = 12;

/// Nothing, if a match may be empty or no window is cheaper than trying the pattern everywhere.
std::optional<PatternCover> cover_of(const PatternTree& tree);

/// What stands for the octet before the first: \b sees no word there.
inline constexpr char before_the_text = '\n';

}  // namespace postern
