#include "rules/patterns/pattern_tree.h"

#include <algorithm>
#include <array>

#include "gateway/base/bytes.h"
#include "rules/patterns/octet_class.h"

namespace postern {
namespace {

using Kind = PatternNode::Kind;
using Greed = PatternNode::Greed;

constexpr std::uint32_t largest_count = 65535;  // PCRE2's own

struct Flags {
  bool ignore_case;
  bool multi_line;
  bool dot_all;
  bool extended;
  bool no_captures;
};

/// A group that is still open: the branches that are done, and the one being read.
struct Open {
  PatternNode node;  // what the group becomes; empty = a plain group
  std::vector<std::uint32_t> branches;
  std::vector<std::uint32_t> parts;
  Flags outside;
  std::size_t from;
};

class Parsing {
 public:
  explicit Parsing(const PerlPattern& pattern)
      : text_(pattern.text),
        flags_{pattern.ignore_case, pattern.multi_line, pattern.dot_all, pattern.extended,
               pattern.no_captures} {}

  std::optional<PatternTree> run() {
    open({}, 0);
    while (understood_ && at_ < text_.size()) step();
    if (!understood_ || groups_.size() != 1) return std::nullopt;
    tree_.root = close_branches(groups_.back());
    return std::move(tree_);
  }

 private:
  char peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  bool skip(std::string_view what) {
    if (!text_.substr(at_).starts_with(what)) return false;
    at_ += what.size();
    return true;
  }
  void give_up() { understood_ = false; }

  // ---- nodes ----

  void put(PatternNode node, std::size_t from) {
    node.from = from;
    node.to = at_;
    groups_.back().parts.push_back(tree_.add(std::move(node)));
  }
  void put_set(const OctetSet& set, std::size_t from) {
    put({.kind = Kind::set, .set = set}, from);
  }
  void put_octet(std::uint8_t octet, std::size_t from) {
    const auto set = OctetSet::of(octet);
    put_set(flags_.ignore_case ? set.with_both_cases() : set, from);
  }
  void put_assertion(std::string text, std::size_t from) {
    put({.kind = Kind::assertion, .text = std::move(text)}, from);
  }

  std::uint32_t join(Kind kind, std::vector<std::uint32_t> children, std::size_t from) {
    if (children.size() == 1) return children.front();
    PatternNode node;
    if (!children.empty()) node.kind = kind;
    node.children = std::move(children);
    node.from = from;
    node.to = at_;
    return tree_.add(std::move(node));
  }
  std::uint32_t close_branches(Open& group) {
    group.branches.push_back(join(Kind::sequence, std::move(group.parts), group.from));
    return join(Kind::choice, std::move(group.branches), group.from);
  }

  void open(PatternNode node, std::size_t from) {
    if (groups_.size() >= deepest_group) return give_up();
    groups_.push_back({std::move(node), {}, {}, flags_, from});
  }
  void close() {
    if (groups_.size() < 2) return give_up();
    auto group = std::move(groups_.back());
    const auto inside = close_branches(group);
    groups_.pop_back();
    flags_ = group.outside;
    if (group.node.kind == Kind::empty) {
      groups_.back().parts.push_back(inside);
    } else {
      group.node.children = {inside};
      put(std::move(group.node), group.from);
    }
    quantify();
  }

  // ---- the text ----

  void step() {
    const auto from = at_;
    const char c = text_[at_++];
    if (flags_.extended && is_space(c)) return;
    if (flags_.extended && c == '#') {
      const auto end = text_.find('\n', at_);
      at_ = end == std::string_view::npos ? text_.size() : end + 1;
      return;
    }
    switch (c) {
      case '(':
        return group(from);
      case ')':
        return close();
      case '|': {
        auto& last = groups_.back();
        last.branches.push_back(join(Kind::sequence, std::move(last.parts), last.from));
        last.parts.clear();
        return;
      }
      case '[': {
        at_ = from;
        const auto set = read_octet_class(text_, at_, flags_.ignore_case);
        if (!set) return give_up();
        put_set(*set, from);
        return quantify();
      }
      case '.':
        put_set(flags_.dot_all ? OctetSet::all() : ~OctetSet::of('\n'), from);
        return quantify();
      case '^':
        return put_assertion(flags_.multi_line ? "(?m:^)" : "\\A", from);
      case '$':
        return put_assertion(flags_.multi_line ? "(?m:$)" : "\\Z", from);
      case '\\':
        return escape(from);
      case '*':
      case '+':
      case '?':
        return give_up();  // nothing to repeat: what stands before is no item of ours
      default:
        put_octet(static_cast<std::uint8_t>(c), from);
        return quantify();
    }
  }

  void escape(std::size_t from) {
    const char c = peek();
    if (c == '\0' && at_ >= text_.size()) return give_up();
    static constexpr std::string_view assertions = "bBAzZ";
    if (assertions.find(c) != std::string_view::npos) {
      ++at_;
      return put_assertion({'\\', c}, from);
    }
    if (c >= '1' && c <= '9') {
      if (is_digit(peek(1))) return give_up();  // octal or a reference: only PCRE2 knows
      ++at_;
      tree_.references = true;
      put({.kind = Kind::reference, .text = {'\\', c}}, from);
      return quantify();
    }
    if (c == 'N' && peek(1) != '{') {
      ++at_;
      put_set(~OctetSet::of('\n'), from);
      return quantify();
    }
    if (const auto set = read_class_escape(c)) {
      ++at_;
      put_set(*set, from);
      return quantify();
    }
    at_ = from;
    const auto octet = read_octet_escape(text_, at_, false);
    if (!octet) return give_up();
    put_octet(*octet, from);
    quantify();
  }

  void group(std::size_t from) {
    if (peek() == '*') return give_up();
    if (!skip("?")) {
      if (flags_.no_captures) return open({}, from);
      return open({.kind = Kind::capture}, from);
    }
    struct Opening {
      std::string_view text;
      PatternNode node;
    };
    static const std::array<Opening, 6> openings{{
        {":", {}},
        {">", {.kind = Kind::atomic}},
        {"=", {.kind = Kind::look}},
        {"!", {.kind = Kind::look, .negated = true}},
        {"<=", {.kind = Kind::look, .behind = true}},
        {"<!", {.kind = Kind::look, .behind = true, .negated = true}},
    }};
    for (const auto& opening : openings) {
      if (!skip(opening.text)) continue;
      tree_.atomic |= opening.node.kind == Kind::atomic;
      return open(opening.node, from);
    }
    if (skip("#")) return comment();
    if (skip("P<") || skip("<")) return named(from, '>');
    if (skip("'")) return named(from, '\'');
    inline_flags(from);
  }

  void comment() {
    const auto end = text_.find(')', at_);
    if (end == std::string_view::npos) return give_up();
    at_ = end + 1;
    // A quantifier behind a comment belongs to what stands before it.
    quantify();
  }

  void named(std::size_t from, char closing) {
    const auto end = text_.find(closing, at_);
    if (end == std::string_view::npos) return give_up();
    PatternNode node{.kind = Kind::capture, .text = std::string(text_.substr(at_, end - at_))};
    at_ = end + 1;
    tree_.named = true;
    open(std::move(node), from);
  }

  void inline_flags(std::size_t from) {
    Flags changed = flags_;
    bool on = true;
    for (; at_ < text_.size() && text_[at_] != ')' && text_[at_] != ':'; ++at_) {
      switch (text_[at_]) {
        case '^':
          changed = {false, false, false, false, false};
          break;
        case '-':
          on = false;
          break;
        case 'i':
          changed.ignore_case = on;
          break;
        case 'm':
          changed.multi_line = on;
          break;
        case 's':
          changed.dot_all = on;
          break;
        case 'x':
          if (peek(1) == 'x') return give_up();
          changed.extended = on;
          break;
        case 'n':
          changed.no_captures = on;
          break;
        default:
          return give_up();
      }
    }
    if (at_ >= text_.size()) return give_up();
    const bool group = text_[at_++] == ':';
    if (group) open({}, from);  // remembers the flags outside
    flags_ = changed;
  }

  // ---- quantifiers ----

  struct Count {
    std::uint32_t least;
    std::uint32_t most;
  };

  std::optional<Count> read_count() {
    if (skip("*")) return Count{0, unbounded};
    if (skip("+")) return Count{1, unbounded};
    if (skip("?")) return Count{0, 1};
    if (peek() != '{') return std::nullopt;
    const auto end = text_.find('}', at_);
    if (end == std::string_view::npos) return std::nullopt;
    const auto inside = text_.substr(at_ + 1, end - at_ - 1);
    const auto comma = inside.find(',');
    const auto least = parse_number(inside.substr(0, comma), largest_count);
    if (!least) return std::nullopt;
    Count out{static_cast<std::uint32_t>(*least), static_cast<std::uint32_t>(*least)};
    if (comma != std::string_view::npos) {
      const auto most = parse_number(inside.substr(comma + 1), largest_count);
      if (!most && comma + 1 < inside.size()) return std::nullopt;
      out.most = most ? static_cast<std::uint32_t>(*most) : unbounded;
    }
    at_ = end + 1;
    return out;
  }

  /// Repeats the last part, if a quantifier follows.
  void quantify() {
    if (!understood_) return;
    if (flags_.extended) {
      while (is_space(peek())) ++at_;
    }
    auto& parts = groups_.back().parts;
    const auto count = read_count();
    if (!count) return;
    if (parts.empty()) return give_up();
    PatternNode node{.kind = Kind::repeat, .least = count->least, .most = count->most};
    if (skip("?")) node.greed = Greed::lazy;
    if (skip("+")) {
      node.greed = Greed::possessive;
      tree_.atomic = true;
    }
    node.children = {parts.back()};
    node.from = tree_[parts.back()].from;
    node.to = at_;
    parts.back() = tree_.add(std::move(node));
    // A second quantifier is an error in Perl, and PCRE2 means something else by it.
    if (peek() == '*' || peek() == '+' || peek() == '?') give_up();
  }

  std::string_view text_;
  Flags flags_;
  std::size_t at_ = 0;
  bool understood_ = true;
  std::vector<Open> groups_;
  PatternTree tree_;
};

std::uint32_t plus(std::uint32_t a, std::uint32_t b) {
  return a == unbounded || b == unbounded || a + b < a ? unbounded : a + b;
}
std::uint32_t times(std::uint32_t a, std::uint32_t b) {
  if (a == 0 || b == 0) return 0;
  const auto product = std::uint64_t{a} * b;
  return a == unbounded || b == unbounded || product >= unbounded
             ? unbounded
             : static_cast<std::uint32_t>(product);
}

LengthRange length_of(const PatternNode& node, const std::vector<LengthRange>& known) {
  switch (node.kind) {
    case Kind::empty:
    case Kind::look:
    case Kind::assertion:
      return {0, 0};
    case Kind::set:
      return {1, 1};
    case Kind::reference:
      return {0, unbounded};
    case Kind::capture:
    case Kind::atomic:
      return known[node.children[0]];
    case Kind::repeat: {
      const auto& child = known[node.children[0]];
      const auto least = times(child.least, node.least);
      return {least == unbounded ? 0 : least, times(child.most, node.most)};
    }
    case Kind::sequence: {
      LengthRange out;
      for (const auto child : node.children) {
        out.least = plus(out.least, known[child].least);
        out.most = plus(out.most, known[child].most);
      }
      if (out.least == unbounded) out.least = 0;
      return out;
    }
    case Kind::choice: {
      LengthRange out = known[node.children[0]];
      for (const auto child : node.children) {
        out.least = std::min(out.least, known[child].least);
        out.most = std::max(out.most, known[child].most);
      }
      return out;
    }
  }
  return {};
}

}  // namespace

std::optional<PatternTree> parse_pattern(const PerlPattern& pattern) {
  return Parsing(pattern).run();
}

std::vector<LengthRange> lengths_of(const PatternTree& tree) {
  // A node is made after its children, so that one pass is enough.
  std::vector<LengthRange> out;
  out.reserve(tree.nodes.size());
  for (const auto& node : tree.nodes) out.push_back(length_of(node, out));
  return out;
}

}  // namespace postern
