#include "rules/patterns/shortest_form.h"

#include <algorithm>
#include <optional>

namespace postern {
namespace {

using Kind = PatternNode::Kind;

enum class End { first, last };

/// Takes from one end of a node what a match can do without. Nodes are copied when they change,
/// since the other end or another repetition may still need them as they were.
class Trimming {
 public:
  Trimming(PatternTree& tree, End end) : tree_(tree), end_(end) {}

  std::uint32_t trim(std::uint32_t number) {
    const auto kind = tree_[number].kind;
    switch (kind) {
      case Kind::repeat:
        return trim_repeat(number);
      case Kind::capture:
        return trim(tree_[number].children[0]);
      case Kind::sequence:
        return trim_sequence(number);
      case Kind::choice: {
        auto copy = tree_[number];
        for (auto& child : copy.children) {
          child = trim(child);
          if (tree_[child].kind == Kind::empty) return child;  // a way past all of it
        }
        return tree_.add(std::move(copy));
      }
      default:
        return number;
    }
  }

 private:
  std::uint32_t trim_repeat(std::uint32_t number) {
    const auto repeat = tree_[number];
    if (repeat.least == 0) return tree_.add({});
    const auto outermost = trim(repeat.children[0]);
    if (repeat.least == 1) return outermost;
    PatternNode rest = repeat;
    --rest.least;
    rest.most = rest.least;
    PatternNode both{.kind = Kind::sequence};
    both.children = {tree_.add(std::move(rest)), outermost};
    if (end_ == End::first) std::ranges::reverse(both.children);
    return tree_.add(std::move(both));
  }

  /// Goes on behind a part of which nothing is left; stops at what has no length, such as \b,
  /// because that looks at the text beyond.
  std::uint32_t trim_sequence(std::uint32_t number) {
    auto copy = tree_[number];
    auto& parts = copy.children;
    while (!parts.empty()) {
      auto& outermost = end_ == End::first ? parts.front() : parts.back();
      outermost = trim(outermost);
      if (tree_[outermost].kind != Kind::empty) break;
      if (end_ == End::first) {
        parts.erase(parts.begin());
      } else {
        parts.pop_back();
      }
    }
    if (parts.empty()) return tree_.add({});
    if (parts.size() == 1) return parts.front();
    return tree_.add(std::move(copy));
  }

  PatternTree& tree_;
  End end_;
};

// Parts that stand at an end of a repetition are there twice afterwards; nested ones multiply.
constexpr std::size_t most_growth = 4;

/// Only what the root still uses, children before parents; nothing when it has grown too much.
std::optional<PatternTree> compacted(const PatternTree& tree, std::size_t most) {
  PatternTree out;
  out.named = tree.named;
  out.references = tree.references;
  out.atomic = tree.atomic;
  const auto copy = [&](auto&& self, std::uint32_t number) -> std::uint32_t {
    if (out.nodes.size() > most) return 0;
    auto node = tree[number];
    for (auto& child : node.children) child = self(self, child);
    return out.add(std::move(node));
  };
  out.root = copy(copy, tree.root);
  if (out.nodes.size() > most) return std::nullopt;
  return out;
}

}  // namespace

PatternTree shortest_form(const PatternTree& tree) {
  if (tree.references || tree.atomic) return tree;
  auto trimmed = tree;
  trimmed.root = Trimming(trimmed, End::first).trim(trimmed.root);
  trimmed.root = Trimming(trimmed, End::last).trim(trimmed.root);
  return compacted(trimmed, most_growth * tree.nodes.size() + 1000).value_or(tree);
}

}  // namespace postern
