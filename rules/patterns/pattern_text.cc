#include "rules/patterns/pattern_text.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

namespace postern {
namespace {

using Kind = PatternNode::Kind;
using Greed = PatternNode::Greed;

// A part shorter than this is not worth a call.
constexpr std::size_t shortest_shared = 120;

class Writing {
 public:
  Writing(const PatternTree& tree, Repeated repeated)
      : tree_(tree), shared_(repeated == Repeated::shared), folding_(closed_under_folding()) {}

  PerlPattern run() {
    if (shared_) count_parts();
    PerlPattern out;
    out.text = text_of(tree_.root);
    if (!definitions_.empty()) {
      std::string definitions = "(?(DEFINE)";
      for (const auto& definition : definitions_) definitions += "(" + definition + ")";
      out.text = definitions + ")" + out.text;
    }
    out.ignore_case = folding_;
    return out;
  }

 private:
  bool closed_under_folding() const {
    return std::ranges::all_of(tree_.nodes, [](const PatternNode& node) {
      return node.kind != Kind::set || node.set == node.set.with_both_cases();
    });
  }

  // ---- sets ----

  static std::string octet(std::uint8_t value) {
    const bool plain = (value >= '0' && value <= '9') || (value >= 'a' && value <= 'z') ||
                       (value >= 'A' && value <= 'Z');
    return plain ? std::string(1, static_cast<char>(value)) : fmt::format("\\x{:02x}", value);
  }

  std::string text_of_set(const OctetSet& set) const {
    if (set == ~OctetSet::of('\n')) return "\\N";
    const auto single = folding_ ? set.folded_down() : set;
    if (single.size() == 1) {
      std::string out;
      single.each([&](std::uint8_t value) { out = octet(value); });
      return out;
    }
    std::string out = "[";
    for (unsigned first = 0; first < 256; ++first) {
      if (!set.has(static_cast<std::uint8_t>(first))) continue;
      unsigned last = first;
      while (last < 255 && set.has(static_cast<std::uint8_t>(last + 1))) ++last;
      out += octet(static_cast<std::uint8_t>(first));
      if (last > first)
        out += (last > first + 1 ? "-" : "") + octet(static_cast<std::uint8_t>(last));
      first = last;
    }
    // An empty set is what [^\x00-\xff] was.
    return set.empty() ? "(*FAIL)" : out + "]";
  }

  // ---- nodes ----

  std::string text_of(std::uint32_t number) {
    const auto& node = tree_[number];
    switch (node.kind) {
      case Kind::empty:
        return "";
      case Kind::set:
        return text_of_set(node.set);
      case Kind::sequence: {
        std::string out;
        for (const auto child : node.children) out += grouped(child, Kind::choice);
        return out;
      }
      case Kind::choice: {
        std::string out;
        for (const auto child : node.children) {
          if (child != node.children.front()) out += '|';
          out += grouped(child, Kind::choice);
        }
        return out;
      }
      case Kind::repeat:
        return text_of_repeat(node);
      case Kind::capture:
        return grouped(node.children[0], Kind::choice);
      case Kind::atomic:
        return "(?>" + text_of(node.children[0]) + ")";
      case Kind::look:
        return fmt::format("(?{}{}{})", node.behind ? "<" : "", node.negated ? "!" : "=",
                           text_of(node.children[0]));
      case Kind::assertion:
      case Kind::reference:
        return node.text;
    }
    return "";
  }

  /// In a group of its own where it would otherwise run into its neighbours.
  std::string grouped(std::uint32_t number, Kind only) {
    number = inside_captures(number);
    if (tree_[number].kind != only) return text_of(number);
    return shared_ ? called(number) : "(?:" + text_of(number) + ")";
  }
  std::uint32_t inside_captures(std::uint32_t number) const {
    while (tree_[number].kind == Kind::capture) number = tree_[number].children[0];
    return number;
  }

  std::string text_of_repeat(const PatternNode& node) {
    const auto child = inside_captures(node.children[0]);
    const auto kind = tree_[child].kind;
    const bool one = kind == Kind::set && !tree_[child].set.empty();
    // PCRE2 writes a repeated group out as often as it may stand there.
    const bool copied = shared_ && std::max(node.least, node.most == unbounded ? 0 : node.most) > 1;
    std::string out = one ? text_of(child) : copied ? called(child, 2) : grouped(child, kind);
    if (node.most == unbounded) {
      out += node.least == 0 ? "*" : node.least == 1 ? "+" : fmt::format("{{{},}}", node.least);
    } else if (node.least == 0 && node.most == 1) {
      out += '?';
    } else if (node.least == node.most) {
      out += fmt::format("{{{}}}", node.least);
    } else {
      out += fmt::format("{{{},{}}}", node.least, node.most);
    }
    if (node.greed == Greed::lazy) out += '?';
    if (node.greed == Greed::possessive) out += '+';
    return out;
  }

  // ---- shared parts ----

  /// Only choices are shared: they are what expanded tags are made of.
  void count_parts() {
    shared_ = false;
    for (std::uint32_t number = 0; number < tree_.nodes.size(); ++number) {
      if (tree_[number].kind != Kind::choice) continue;
      auto text = text_of(number);
      if (text.size() >= shortest_shared) ++uses_[std::move(text)];
    }
    shared_ = true;
  }

  std::string called(std::uint32_t number, unsigned least_uses = 0) {
    shared_ = false;
    auto text = text_of(number);
    shared_ = true;
    const auto uses = uses_.find(text);
    const auto count = std::max(uses == uses_.end() ? 0 : uses->second, least_uses);
    if (count < 2 || text.size() < shortest_shared) return "(?:" + text_of(number) + ")";
    const auto [known, added] = calls_.try_emplace(text, calls_.size() + 1);
    // What is inside is written out: calls within calls would cost more than they save.
    if (added) definitions_.push_back(std::move(text));
    return fmt::format("(?{})", known->second);
  }

  const PatternTree& tree_;
  bool shared_;
  bool folding_;
  std::map<std::string, unsigned> uses_;
  std::map<std::string, std::size_t> calls_;
  std::vector<std::string> definitions_;
};

}  // namespace

PerlPattern pattern_text(const PatternTree& tree, Repeated repeated) {
  auto out = Writing(tree, repeated).run();
  out.origin.assign(out.text.size(), 0);
  return out;
}

}  // namespace postern
