// pattern_network.h — a pattern as a network of states: where to go on each octet.
//
// For looking at the first octets of what a part of a pattern matches. Repetitions beyond what a
// window (pattern_window.h) can see become loops, and what has no length (\b, look-around) is left
// out: a network accepts whatever the pattern does, and more.
#pragma once

#include <cstdint>
#include <vector>

#include "rules/patterns/pattern_tree.h"

namespace postern {

/// The tree with \d{4} as \d\d\d\d, so that one may look at each of them; up to 16 of one kind.
PatternTree with_repeats_written_out(const PatternTree& tree);

class PatternNetwork {
 public:
  /// The tree must outlive it.
  explicit PatternNetwork(const PatternTree& tree);
  /// More states than are worth looking at: nothing else may be asked then.
  bool too_large() const;

  /// Where a node begins, or its first repetition.
  std::uint32_t entry(std::uint32_t node) const { return entries_[node]; }
  /// Of a state that close() gave: the octets that lead on, and where to.
  const OctetSet& octets(std::uint32_t state) const { return tree_[states_[state].set].set; }
  std::uint32_t behind(std::uint32_t state) const { return states_[state].next[0]; }

  /// The states with octets that can be reached from `states` without one; true if the end is
  /// among them.
  bool close(std::vector<std::uint32_t>& states);

 private:
  static constexpr std::uint32_t end = 0;
  static constexpr std::uint32_t no_set = UINT32_MAX;
  struct State {
    std::uint32_t set = no_set;  // a node of the tree
    std::vector<std::uint32_t> next;
  };

  std::uint32_t add(State state);
  std::uint32_t build(std::uint32_t number, std::uint32_t next);
  std::uint32_t build_kind(std::uint32_t number, std::uint32_t next);
  std::uint32_t build_repeat(const PatternNode& node, std::uint32_t next);

  const PatternTree& tree_;
  std::vector<State> states_;
  std::vector<std::uint32_t> entries_;
  std::vector<std::uint32_t> seen_;
  std::vector<std::uint32_t> open_;  // of close()
  std::uint32_t round_ = 0;
};

}  // namespace postern
