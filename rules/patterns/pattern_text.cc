#include "rules/patterns/pattern_text.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <string_view>
#include <unordered_map>

#include <fmt/format.h>

#include "rules/patterns/octet_class.h"

namespace postern {
namespace {

using Kind = PatternNode::Kind;
using Greed = PatternNode::Greed;

// A class takes 33 octets of compiled code, of which there may be 64 KiB; these take one.
const std::array<std::pair<std::string_view, OctetSet>, 6> escapes = {{
    {"\\s", *read_class_escape('s')},
    {"\\S", *read_class_escape('S')},
    {"\\d", *read_class_escape('d')},
    {"\\D", *read_class_escape('D')},
    {"\\w", *read_class_escape('w')},
    {"\\W", *read_class_escape('W')},
}};

// A part shorter than this is not worth a call.
constexpr std::size_t shortest_shared = 120;

class Writing {
 public:
  Writing(const PatternTree& tree, Repeated repeated)
      : tree_(tree), shared_(repeated == Repeated::shared), folding_(closed_under_folding()) {}

  PerlPattern run() {
    if (shared_) count_parts();
    PerlPattern out;
    write(tree_.root, out.text);
    if (!definitions_.empty()) {
      std::string definitions = "(?(DEFINE)";
      for (const auto& definition : definitions_) ((definitions += '(') += definition) += ')';
      out.text.insert(0, definitions + ")");
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

  static void write_octet(std::uint8_t value, std::string& out) {
    const bool plain = (value >= '0' && value <= '9') || (value >= 'a' && value <= 'z') ||
                       (value >= 'A' && value <= 'Z');
    if (plain) {
      out += static_cast<char>(value);
      return;
    }
    constexpr std::string_view digits = "0123456789abcdef";
    out += "\\x";
    out += digits[value >> 4];
    out += digits[value & 15U];
  }

  void write_set(const OctetSet& set, std::string& out) const {
    if (set == ~OctetSet::of('\n')) {
      out += "\\N";
      return;
    }
    for (const auto& [escape, octets] : escapes) {
      if (set != octets) continue;
      out += escape;
      return;
    }
    const auto single = folding_ ? set.folded_down() : set;
    if (single.size() == 1)
      return single.each([&](std::uint8_t value) { write_octet(value, out); });
    // An empty set is what [^\x00-\xff] was.
    if (set.empty()) {
      out += "(*FAIL)";
      return;
    }
    out += '[';
    int first = -1;
    int last = -1;
    const auto write_range = [&] {
      if (first < 0) return;
      write_octet(static_cast<std::uint8_t>(first), out);
      if (last > first + 1) out += '-';
      if (last > first) write_octet(static_cast<std::uint8_t>(last), out);
    };
    set.each([&](std::uint8_t value) {
      if (first < 0 || value != last + 1) {
        write_range();
        first = value;
      }
      last = value;
    });
    write_range();
    out += ']';
  }

  // ---- nodes ----

  void write(std::uint32_t number, std::string& out) {
    const auto& node = tree_[number];
    switch (node.kind) {
      case Kind::empty:
        return;
      case Kind::set:
        return write_set(node.set, out);
      case Kind::sequence:
        for (const auto child : node.children) write_grouped(child, Kind::choice, out);
        return;
      case Kind::choice:
        for (const auto child : node.children) {
          if (child != node.children.front()) out += '|';
          write_grouped(child, Kind::choice, out);
        }
        return;
      case Kind::repeat:
        return write_repeat(node, out);
      case Kind::capture:
        return write_grouped(node.children[0], Kind::choice, out);
      case Kind::atomic:
        return write_in("(?>", node.children[0], out);
      case Kind::look:
        return write_in(
            node.behind ? (node.negated ? "(?<!" : "(?<=") : (node.negated ? "(?!" : "(?="),
            node.children[0], out);
      case Kind::assertion:
      case Kind::reference:
        out += node.text;
        return;
    }
  }

  void write_in(std::string_view open, std::uint32_t number, std::string& out) {
    out += open;
    write(number, out);
    out += ')';
  }

  /// In a group of its own where it would otherwise run into its neighbours.
  void write_grouped(std::uint32_t number, Kind only, std::string& out) {
    number = inside_captures(number);
    if (tree_[number].kind != only) return write(number, out);
    if (shared_) return write_called(number, 0, out);
    write_in("(?:", number, out);
  }
  std::uint32_t inside_captures(std::uint32_t number) const {
    while (tree_[number].kind == Kind::capture) number = tree_[number].children[0];
    return number;
  }

  void write_repeat(const PatternNode& node, std::string& out) {
    const auto child = inside_captures(node.children[0]);
    const auto kind = tree_[child].kind;
    const bool one = kind == Kind::set && !tree_[child].set.empty();
    // PCRE2 writes a repeated group out as often as it may stand there.
    const bool copied = shared_ && std::max(node.least, node.most == unbounded ? 0 : node.most) > 1;
    if (one) {
      write(child, out);
    } else if (copied) {
      write_called(child, 2, out);
    } else {
      write_grouped(child, kind, out);
    }
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
  }

  // ---- shared parts ----

  /// Only choices are shared: they are what expanded tags are made of.
  void count_parts() {
    written_out_.resize(tree_.nodes.size());
    for (std::uint32_t number = 0; number < tree_.nodes.size(); ++number) {
      if (tree_[number].kind != Kind::choice) continue;
      const auto& text = written_out(number);
      if (text.size() >= shortest_shared) ++uses_[text];
    }
  }

  /// Without calls: calls within calls would cost more than they save.
  const std::string& written_out(std::uint32_t number) {
    auto& known = written_out_[number];
    if (known.empty()) {
      shared_ = false;
      write(number, known);
      shared_ = true;
    }
    return known;
  }

  void write_called(std::uint32_t number, unsigned least_uses, std::string& out) {
    const auto& text = written_out(number);
    const auto uses = uses_.find(text);
    const auto count = std::max(uses == uses_.end() ? 0 : uses->second, least_uses);
    if (count < 2 || text.size() < shortest_shared) return write_in("(?:", number, out);
    const auto [known, added] = calls_.try_emplace(text, calls_.size() + 1);
    if (added) definitions_.push_back(text);
    fmt::format_to(std::back_inserter(out), "(?{})", known->second);
  }

  const PatternTree& tree_;
  bool shared_;
  bool folding_;
  std::vector<std::string> written_out_;  // by node; what is shared points into it
  std::unordered_map<std::string_view, unsigned> uses_;
  std::unordered_map<std::string_view, std::size_t> calls_;
  std::vector<std::string_view> definitions_;
};

}  // namespace

PerlPattern pattern_text(const PatternTree& tree, Repeated repeated) {
  auto out = Writing(tree, repeated).run();
  out.origin.assign(out.text.size(), 0);
  return out;
}

}  // namespace postern
