#include "rules/patterns/complexity.h"

#include <algorithm>
#include <vector>

#include "rules/patterns/pattern_tree.h"

namespace postern {
namespace {

using Kind = PatternNode::Kind;

// A repetition that may go on longer than this is as good as unbounded.
constexpr std::uint32_t many = 50;

class Judging {
 public:
  explicit Judging(const PatternTree& tree)
      : tree_(tree), lengths_(lengths_of(tree)), first_(tree.nodes.size()) {
    // Children stand before their parents.
    for (std::uint32_t number = 0; number < tree.nodes.size(); ++number) {
      first_[number] = first_of(tree[number]);
    }
  }

  std::optional<ComplexityWarning> run() const {
    for (const auto& node : tree_.nodes) {
      if (is_loop(node)) {
        if (auto found = judge_loop(node)) return found;
      }
    }
    for (const auto& node : tree_.nodes) {
      if (node.kind != Kind::sequence) continue;
      if (auto found = judge_neighbours(node)) return found;
    }
    return judge_ends();
  }

 private:
  static bool is_loop(const PatternNode& node) {
    return node.kind == Kind::repeat && node.most > many &&
           node.greed != PatternNode::Greed::possessive;
  }
  std::uint32_t inside(std::uint32_t number) const {
    while (tree_[number].kind == Kind::capture) number = tree_[number].children[0];
    return number;
  }

  /// The octets that text of the node can begin with, those behind empty parts included.
  OctetSet first_of(const PatternNode& node) const {
    OctetSet out;
    switch (node.kind) {
      case Kind::set:
        return node.set;
      case Kind::reference:
        return OctetSet::all();
      case Kind::sequence:
        for (const auto child : node.children) {
          out |= first_[child];
          if (lengths_[child].least > 0) break;
        }
        return out;
      case Kind::choice:
      case Kind::repeat:
      case Kind::capture:
      case Kind::atomic:
        for (const auto child : node.children) out |= first_[child];
        return out;
      case Kind::empty:
      case Kind::look:
      case Kind::assertion:
        return out;
    }
    return out;
  }

  std::optional<ComplexityWarning> judge_loop(const PatternNode& loop) const {
    const auto body = inside(loop.children[0]);
    if (can_be_split(body)) {
      return ComplexityWarning{loop.from,
                               "a repetition inside a repetition of the same octets can share out"
                               " a text in endlessly many ways: let each round begin with an octet"
                               " that it does not end with, or make the inner one possessive (++)"};
    }
    const auto& choice = tree_[body];
    if (choice.kind != Kind::choice) return std::nullopt;
    for (std::size_t i = 0; i < choice.children.size(); ++i) {
      for (std::size_t j = i + 1; j < choice.children.size(); ++j) {
        if (!share_text(choice.children[i], choice.children[j])) continue;
        return ComplexityWarning{
            loop.from,
            "branches of a repeated group match the same text, so that each round doubles the"
            " ways to match: let the branches begin with different octets"};
      }
    }
    return std::nullopt;
  }

  /// A round that is itself a loop, with nothing around it that marks its end: (a+)+, (\w*\s*)*.
  bool can_be_split(std::uint32_t body) const {
    const auto& node = tree_[body];
    if (is_loop(node)) return true;
    if (node.kind != Kind::sequence) return false;
    std::uint32_t loops = 0;
    for (const auto part : node.children) {
      const auto& one = tree_[inside(part)];
      if (is_loop(one)) {
        ++loops;
      } else if (lengths_[part].least > 0) {
        return false;
      }
    }
    const auto last = inside(node.children.back());
    return loops > 0 && (is_loop(tree_[last]) || lengths_[last].least == 0) &&
           first_[last].meets(first_[body]);
  }

  /// Two branches of one octet each do not count: [ab]|a was meant as a class, and is quick.
  bool share_text(std::uint32_t a, std::uint32_t b) const {
    if (!first_[a].meets(first_[b])) return false;
    const bool prefix = lengths_[a].most != lengths_[b].most || is_loop(tree_[inside(a)]);
    const bool plain = only_sets(a) && only_sets(b);
    return prefix && plain;
  }
  bool only_sets(std::uint32_t number) const {
    const auto& node = tree_[inside(number)];
    if (node.kind == Kind::set) return true;
    if (node.kind == Kind::repeat) return only_sets(node.children[0]);
    if (node.kind != Kind::sequence) return false;
    return std::ranges::all_of(node.children, [&](std::uint32_t child) {
      const auto& one = tree_[child];
      return one.kind == Kind::set && one.set.meets(first_[number]);
    });
  }

  std::optional<ComplexityWarning> judge_neighbours(const PatternNode& sequence) const {
    for (std::size_t i = 1; i < sequence.children.size(); ++i) {
      const auto& before = tree_[inside(sequence.children[i - 1])];
      const auto& after = tree_[inside(sequence.children[i])];
      if (!is_loop(before) || !is_loop(after)) continue;
      const auto& octets = tree_[before.children[0]];
      if (octets.kind != Kind::set || !(octets.set == tree_[after.children[0]].set)) continue;
      return ComplexityWarning{after.from,
                               "two repetitions of the same octets side by side try every way to"
                               " share them: keep one of them"};
    }
    return std::nullopt;
  }

  std::optional<ComplexityWarning> judge_ends() const {
    const auto root = inside(tree_.root);
    const auto& node = tree_[root];
    const auto first = node.kind == Kind::sequence ? node.children.front() : root;
    const auto last = node.kind == Kind::sequence ? node.children.back() : root;
    for (const auto end : {first, last}) {
      const auto& one = tree_[inside(end)];
      if (!is_loop(one) || one.least > 0) continue;
      const auto& octets = tree_[one.children[0]];
      if (octets.kind != Kind::set || octets.set.size() < 255) continue;
      return ComplexityWarning{one.from,
                               ".* at an end of the expression changes nothing but its cost: take"
                               " it away"};
    }
    return std::nullopt;
  }

  const PatternTree& tree_;
  std::vector<LengthRange> lengths_;
  std::vector<OctetSet> first_;
};

}  // namespace

std::optional<ComplexityWarning> complexity_warning(const PerlPattern& pattern) {
  const auto tree = parse_pattern(pattern);
  if (!tree || tree->nodes.empty()) return std::nullopt;
  auto found = Judging(*tree).run();
  if (found) found->at = found->at < pattern.origin.size() ? pattern.origin[found->at] : 0;
  return found;
}

}  // namespace postern
