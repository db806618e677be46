// pattern_opening.h — the first octets of a pattern's matches, compared before PCRE2 is asked.
//
// A window (pattern_window.h) points to places most of which are in vain, and to call compiled code
// there costs as much as comparing dozens of octets. Of some patterns the opening is all there is
// (/e/, /(?:e|\xC3[\xA8-\xAB])/): these need no compiled code.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "rules/patterns/pattern_tree.h"
#include "rules/patterns/regex.h"

namespace postern {

class PatternOpening {
 public:
  static constexpr std::size_t longest = 12;

  /// Any place may be where a match begins.
  PatternOpening() = default;
  explicit PatternOpening(const PatternTree& tree);

  /// False: no match begins at `at`.
  bool may_begin(std::string_view text, std::size_t at) const {
    for (const auto& spelling : spellings_) {
      if (fits(spelling, text, at)) return true;
    }
    return spellings_.empty();
  }

  /// What match() and find() say is what the compiled pattern would.
  bool is_all() const { return is_all_; }
  /// Only where is_all(): the match that begins at `at`.
  std::optional<Regex::Span> match(std::string_view text, std::size_t at) const;
  /// Only where is_all(): the first match from `at` on.
  std::optional<Regex::Span> find(std::string_view text, std::size_t at) const;

 private:
  struct Spelling {
    bool boundary = false;  // begins with \b
    std::vector<OctetSet> octets;
  };
  static bool fits(const Spelling& spelling, std::string_view text, std::size_t at);
  static bool spell(const PatternTree& tree, std::uint32_t node, std::vector<Spelling>& out);

  std::vector<Spelling> spellings_;   // a match begins with one of them; as a choice, in order
  OctetSet first_ = OctetSet::all();  // of all spellings
  bool is_all_ = false;
};

}  // namespace postern
