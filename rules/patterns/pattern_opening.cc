#include "rules/patterns/pattern_opening.h"

#include <algorithm>

#include "rules/patterns/octet_class.h"
#include "rules/patterns/pattern_network.h"
#include "rules/patterns/pattern_window.h"

namespace postern {
namespace {

using Kind = PatternNode::Kind;

constexpr std::size_t most_spellings = 32;

const OctetSet word = *read_class_escape('w');

bool begins_at_boundary(const PatternTree& tree, std::uint32_t number) {
  const auto& node = tree[number];
  switch (node.kind) {
    case Kind::assertion:
      return node.text == "\\b";
    case Kind::capture:
    case Kind::atomic:
    case Kind::sequence:
      return !node.children.empty() && begins_at_boundary(tree, node.children[0]);
    default:
      return false;
  }
}

/// The sets that the first octets of every match are in, as far as there is one in each.
std::vector<OctetSet> first_octets(const PatternTree& tree) {
  std::vector<OctetSet> out;
  PatternNetwork network(tree);
  if (network.too_large()) return out;
  std::vector<std::uint32_t> states{network.entry(tree.root)};
  std::vector<std::uint32_t> next;
  while (!network.close(states) && out.size() < PatternOpening::longest) {
    next.clear();
    OctetSet octets;
    for (const auto state : states) {
      octets |= network.octets(state);
      next.push_back(network.behind(state));
    }
    out.push_back(octets);
    states.swap(next);
  }
  return out;
}

/// False where the node is more than sets behind one another, or longer than an opening.
bool append_sets(const PatternTree& tree, std::uint32_t number, std::vector<OctetSet>& out) {
  const auto& node = tree[number];
  if (node.kind == Kind::set) {
    out.push_back(node.set);
    return out.size() <= PatternOpening::longest;
  }
  if (node.kind != Kind::sequence && node.kind != Kind::capture) return false;
  return std::ranges::all_of(node.children,
                             [&](auto child) { return append_sets(tree, child, out); });
}

}  // namespace

PatternOpening::PatternOpening(const PatternTree& tree) {
  const auto written_out = with_repeats_written_out(tree);
  is_all_ = spell(written_out, written_out.root, spellings_);
  if (!is_all_) {
    spellings_.clear();
    auto octets = first_octets(written_out);
    if (octets.empty()) return;
    spellings_.push_back({begins_at_boundary(tree, tree.root), std::move(octets)});
  }
  first_ = {};
  for (const auto& spelling : spellings_) first_ |= spelling.octets[0];
}

/// Adds the strings that the node matches; false where they are not a few of known length.
bool PatternOpening::spell(const PatternTree& tree, std::uint32_t number,
                           std::vector<Spelling>& out) {
  const auto& node = tree[number];
  switch (node.kind) {
    case Kind::capture:
      return spell(tree, node.children[0], out);
    case Kind::choice:
      for (const auto child : node.children) {
        if (!spell(tree, child, out)) return false;
      }
      return true;
    case Kind::set:
    case Kind::sequence: {
      Spelling one;
      if (!append_sets(tree, number, one.octets) || one.octets.empty()) return false;
      out.push_back(std::move(one));
      return out.size() <= most_spellings;
    }
    default:
      return false;
  }
}

bool PatternOpening::fits(const Spelling& spelling, std::string_view text, std::size_t at) {
  if (at > text.size() || text.size() - at < spelling.octets.size()) return false;
  const auto* const octets = reinterpret_cast<const std::uint8_t*>(text.data()) + at;
  for (std::size_t i = 0; i < spelling.octets.size(); ++i) {
    if (!spelling.octets[i].has(octets[i])) return false;
  }
  if (!spelling.boundary) return true;
  const auto before = at == 0 ? std::uint8_t{before_the_text} : octets[-1];
  return word.has(before) != word.has(octets[0]);
}

std::optional<Regex::Span> PatternOpening::match(std::string_view text, std::size_t at) const {
  for (const auto& spelling : spellings_) {
    if (fits(spelling, text, at)) return Regex::Span{at, at + spelling.octets.size()};
  }
  return std::nullopt;
}

std::optional<Regex::Span> PatternOpening::find(std::string_view text, std::size_t at) const {
  for (; at < text.size(); ++at) {
    if (!first_.has(static_cast<std::uint8_t>(text[at]))) continue;
    if (auto found = match(text, at)) return found;
  }
  return std::nullopt;
}

}  // namespace postern
