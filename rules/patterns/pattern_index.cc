#include "rules/patterns/pattern_index.h"

#include <optional>

#include "rules/patterns/pattern_pass.h"
#include "rules/patterns/pattern_text.h"
#include "rules/patterns/pattern_tree.h"
#include "rules/patterns/pattern_window.h"
#include "rules/patterns/shortest_form.h"

namespace postern {

namespace {

using Kind = PatternNode::Kind;

// Patterns longer than this are written with their repeated parts shared.
constexpr std::size_t long_pattern = 16 * 1024;

/// Whether a match can begin nowhere but at the start of the text.
bool begins_at_start(const PatternTree& tree, std::uint32_t number) {
  const auto& node = tree[number];
  switch (node.kind) {
    case Kind::assertion:
      return node.text == "\\A";
    case Kind::sequence:
      for (const auto child : node.children) {
        if (begins_at_start(tree, child)) return true;
        const auto kind = tree[child].kind;
        if (kind != Kind::assertion && kind != Kind::look && kind != Kind::empty) return false;
      }
      return false;
    case Kind::capture:
    case Kind::atomic:
      return begins_at_start(tree, node.children[0]);
    case Kind::choice:
      for (const auto child : node.children) {
        if (!begins_at_start(tree, child)) return false;
      }
      return true;
    default:
      return false;
  }
}

bool few_starts(const LengthRange& offset) {
  return offset.most != unbounded && offset.most - offset.least < most_starts;
}

}  // namespace

class IndexBuilding {
 public:
  explicit IndexBuilding(PatternIndex& out) : out_(out) { out_.codes_.reserve(64); }

  void add(const IndexedPattern& pattern, PatternIndex::Filtering filtering) {
    slot_ = {.rule = pattern.rule, .most = pattern.most, .skip_first = pattern.skip_first};
    wanted_ = &pattern;
    tree_.reset();
    if (filtering == PatternIndex::Filtering::on) tree_ = parse_pattern(pattern.regex->pattern());
    reduced_ = tree_ && pattern.most == 1 && !tree_->references && !tree_->atomic;
    const auto number = static_cast<std::uint32_t>(out_.slots_.size());
    const auto cover = tree_ ? reduced_cover() : std::nullopt;
    if (cover) {
      slot_.at_start = begins_at_start(*tree_, tree_->root);
      bool anchored = false;
      bool floating = false;
      for (const auto& window : cover->windows) {
        const bool one_by_one = slot_.at_start || few_starts(window.offset);
        (one_by_one ? anchored : floating) = true;
        add_window(window, number, one_by_one);
      }
      if (anchored) slot_.anchored = code(Regex::Start::anchored);
      if (floating) slot_.floating = code(Regex::Start::anywhere);
    } else {
      slot_.floating = code(Regex::Start::anywhere);
      out_.everywhere_.push_back(number);
    }
    out_.slots_.push_back(slot_);
    out_.openings_.push_back(tree_ ? PatternOpening(*tree_) : PatternOpening());
  }

  void finish() {
    for (std::size_t length = GramTables::shortest; length <= GramTables::longest; ++length) {
      out_.grams_.build(length, std::move(grams_[length - GramTables::shortest]));
    }
  }

 private:
  /// A match of (item){5} begins with an item and holds the windows of five.
  std::optional<PatternCover> reduced_cover() {
    if (!reduced_) return cover_of(*tree_);
    auto item = *tree_;
    const auto root = item[item.root];
    tree_ = shortest_form(*tree_);
    if (root.kind == Kind::repeat && root.least > 1) {
      item.root = root.children[0];
      if (auto cover = cover_of(shortest_form(item))) {
        slot_.least_windows = root.least;
        return cover;
      }
    }
    return cover_of(*tree_);
  }

  void add_window(const PatternWindow& window, std::uint32_t slot, bool one_by_one) {
    const auto place = static_cast<std::uint32_t>(out_.places_.size());
    PatternIndex::Place where{.slot = slot, .offset = window.offset, .one_by_one = one_by_one};
    if (window.grams.empty()) {
      out_.sets_.add(window.before, std::span(window.sets).first(window.length), place);
    } else {
      where.word_before = window.before.has('a');
      where.other_before = window.before.has(before_the_text);
    }
    out_.places_.push_back(where);
    if (window.grams.empty()) return;
    auto& grams = grams_[window.length - GramTables::shortest];
    for (const auto gram : window.grams) grams.emplace_back(gram, place);
  }

  std::uint32_t code(Regex::Start start) {
    auto made = compiled(start);
    made.compile_native();
    out_.codes_.push_back(std::move(made));
    return static_cast<std::uint32_t>(out_.codes_.size() - 1);
  }

  Regex compiled(Regex::Start start) const {
    const auto& original = wanted_->regex->pattern();
    if (reduced_) {
      for (const auto repeated : {Repeated::written_out, Repeated::shared}) {
        const bool large = original.text.size() > long_pattern;
        if (large && repeated == Repeated::written_out) continue;
        // (part){5} is five times as large compiled as it is written, and may be too large.
        auto made = Regex::compile(pattern_text(*tree_, repeated), start);
        if (made) return std::move(*made);
      }
    }
    auto made = Regex::compile(original, start);
    return std::move(made.value());  // it was compiled before, to get here
  }

  PatternIndex& out_;
  PatternIndex::Slot slot_;
  const IndexedPattern* wanted_ = nullptr;
  std::optional<PatternTree> tree_;
  bool reduced_ = false;
  std::array<std::vector<std::pair<std::uint32_t, std::uint32_t>>, 3> grams_;
};

PatternIndex PatternIndex::build(std::span<const IndexedPattern> patterns, Filtering filtering) {
  PatternIndex out;
  IndexBuilding building(out);
  for (const auto& pattern : patterns) building.add(pattern, filtering);
  building.finish();
  return out;
}

void PatternIndex::scan(std::span<const std::string_view> subjects, Matcher& matcher,
                        PatternScratch& scratch, const std::function<bool(std::uint32_t)>& left_out,
                        PatternHits& hits) const {
  PatternPass pass(*this, matcher, scratch, left_out, hits);
  for (std::uint32_t i = 0; i < subjects.size(); ++i) pass.subject(i, subjects[i]);
  pass.release();
}

}  // namespace postern
