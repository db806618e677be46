// pattern_tree.h — a regular expression taken apart, so that one can reason about it.
//
// PCRE2 decides what matches; the tree answers what every match must contain, how long it is, and
// what may be left out without changing whether there is a match at all. It is built from the
// translated text (perl_pattern.h), over octets, with case already folded into the sets. What the
// tree has no words for (recursion, conditions, \K, \R, callouts, verbs) makes parsing answer
// nothing, and the expression is then run as it stands.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rules/patterns/octet_set.h"
#include "rules/patterns/perl_pattern.h"

namespace postern {

struct PatternNode {
  enum class Kind : std::uint8_t {
    empty,
    set,        // one octet of `set`
    sequence,   // the children, one behind the other
    choice,     // the first child that lets the rest match
    repeat,     // child `least` to `most` times
    capture,    // ( ), (?<name> )
    atomic,     // (?> )
    look,       // (?= ) (?! ) (?<= ) (?<! )
    assertion,  // \b ^ $ and the like: what has no length
    reference,  // \1: what a capture matched, any length
  };
  enum class Greed : std::uint8_t { greedy, lazy, possessive };

  Kind kind = Kind::empty;
  Greed greed = Greed::greedy;
  bool behind = false;   // look
  bool negated = false;  // look
  std::uint32_t least = 0;
  std::uint32_t most = 0;
  OctetSet set{};
  std::vector<std::uint32_t> children{};
  std::string text{};    // assertion and reference: as PCRE2 spells it; capture: its name
  std::size_t from = 0;  // where it stands in the translated text
  std::size_t to = 0;
};

inline constexpr std::uint32_t unbounded = UINT32_MAX;

struct PatternTree {
  std::vector<PatternNode> nodes;
  std::uint32_t root = 0;
  bool named = false;       // has captures whose text somebody may ask for
  bool references = false;  // asks for captures itself
  bool atomic = false;      // atomic groups or possessive quantifiers: no part may be left out

  const PatternNode& operator[](std::uint32_t node) const { return nodes[node]; }
  std::uint32_t add(PatternNode node) {
    nodes.push_back(std::move(node));
    return static_cast<std::uint32_t>(nodes.size() - 1);
  }
};

/// Groups nest to a depth of 200 (PCRE2's own limit is 250); walks over the tree may so recurse.
inline constexpr std::size_t deepest_group = 200;

std::optional<PatternTree> parse_pattern(const PerlPattern& pattern);

/// How many octets a match of the node has; `most` may be `unbounded`.
struct LengthRange {
  std::uint32_t least = 0;
  std::uint32_t most = 0;

  bool operator==(const LengthRange&) const = default;
};
/// Of every node.
std::vector<LengthRange> lengths_of(const PatternTree& tree);

}  // namespace postern
