#include "rules/patterns/pattern_network.h"

#include <algorithm>

#include "rules/patterns/pattern_window.h"

namespace postern {
namespace {

using Kind = PatternNode::Kind;

constexpr std::size_t most_states = 400'000;  // of one pattern
constexpr std::uint32_t most_written_out = 16;

class WritingOut {
 public:
  explicit WritingOut(const PatternTree& tree) : tree_(tree) {}

  PatternTree run() {
    out_.root = copy(tree_.root);
    return std::move(out_);
  }

 private:
  std::uint32_t copy(std::uint32_t number) {
    auto node = tree_[number];
    for (auto& child : node.children) child = copy(child);
    if (node.kind != Kind::repeat || out_[node.children[0]].kind != Kind::set || node.least < 2 ||
        node.least > most_written_out) {
      return out_.add(std::move(node));
    }
    PatternNode all{.kind = Kind::sequence};
    const auto one = out_[node.children[0]];
    for (std::uint32_t i = 0; i < node.least; ++i) all.children.push_back(out_.add(one));
    if (node.most > node.least) {
      if (node.most != unbounded) node.most -= node.least;
      node.least = 0;
      all.children.push_back(out_.add(std::move(node)));
    }
    return out_.add(std::move(all));
  }

  const PatternTree& tree_;
  PatternTree out_;
};

}  // namespace

PatternTree with_repeats_written_out(const PatternTree& tree) { return WritingOut(tree).run(); }

PatternNetwork::PatternNetwork(const PatternTree& tree)
    : tree_(tree), entries_(tree.nodes.size(), end) {
  states_.emplace_back();
  build(tree.root, end);
}

bool PatternNetwork::too_large() const { return states_.size() > most_states; }

bool PatternNetwork::close(std::vector<std::uint32_t>& states) {
  ++round_;
  seen_.resize(states_.size());
  open_.assign(states.begin(), states.end());
  states.clear();
  bool ends = false;
  while (!open_.empty()) {
    const auto state = open_.back();
    open_.pop_back();
    if (seen_[state] == round_) continue;
    seen_[state] = round_;
    if (state == end) {
      ends = true;
    } else if (states_[state].set != no_set) {
      states.push_back(state);
    } else {
      const auto& next = states_[state].next;
      open_.insert(open_.end(), next.rbegin(), next.rend());
    }
  }
  return ends;
}

std::uint32_t PatternNetwork::add(State state) {
  states_.push_back(std::move(state));
  return static_cast<std::uint32_t>(states_.size() - 1);
}

std::uint32_t PatternNetwork::build(std::uint32_t number, std::uint32_t next) {
  if (too_large()) return end;
  return entries_[number] = build_kind(number, next);
}

std::uint32_t PatternNetwork::build_kind(std::uint32_t number, std::uint32_t next) {
  const auto& node = tree_[number];
  switch (node.kind) {
    case Kind::empty:
    case Kind::look:
    case Kind::assertion:
      return next;
    case Kind::set:
      return add({number, {next}});
    case Kind::reference:
      return end;  // anything: what is known ends here
    case Kind::capture:
    case Kind::atomic:
      return build(node.children[0], next);
    case Kind::sequence:
      for (auto child = node.children.rbegin(); child != node.children.rend(); ++child) {
        next = build(*child, next);
      }
      return next;
    case Kind::choice: {
      State state;
      for (const auto child : node.children) state.next.push_back(build(child, next));
      return add(std::move(state));
    }
    case Kind::repeat:
      return build_repeat(node, next);
  }
  return end;
}

std::uint32_t PatternNetwork::build_repeat(const PatternNode& node, std::uint32_t next) {
  const auto child = node.children[0];
  const auto copies = std::min<std::uint32_t>(node.least, longest_window);
  if (node.most > copies) {
    if (node.most == 1) {
      next = add({no_set, {build(child, next), next}});
    } else {
      const auto loop = add({});
      const auto body = build(child, loop);
      states_[loop].next = {body, next};
      next = loop;
    }
  }
  for (std::uint32_t i = 0; i < copies; ++i) next = build(child, next);
  return next;
}

}  // namespace postern
