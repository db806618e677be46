#include "rules/engine/shortcircuit.h"

#include <algorithm>
#include <map>
#include <utility>

#include "rules/engine/rule_set.h"

namespace postern {
namespace {

// What decides by its own score adds next to nothing.
constexpr double mark_of_a_rule = 0.0001;
constexpr double mark_of_a_sum = 0.001;

/// The place of a class within its priority; nothing for metas and what the network answers.
std::optional<unsigned> place_of(const CompiledRule& rule) {
  switch (rule.type) {
    case RuleType::header:
      return 0;
    case RuleType::header_eval:
      return rule.eval ? std::optional(1U) : std::nullopt;
    case RuleType::body:
      return 2;
    case RuleType::uri:
      return 3;
    case RuleType::body_eval:
      return rule.eval ? std::optional(4U) : std::nullopt;
    case RuleType::mime_header:
    case RuleType::uri_detail:
      return 4;
    case RuleType::rawbody:
      return 5;
    case RuleType::rawbody_eval:
      return rule.eval ? std::optional(6U) : std::nullopt;
    case RuleType::full:
      return 7;
    case RuleType::full_eval:
      return rule.eval ? std::optional(8U) : std::nullopt;
    case RuleType::meta:
    case RuleType::dns_eval:
    case RuleType::empty:
      return {};
  }
  return {};
}

class Replay {
 public:
  Replay(const RuleSet& set, std::span<double> values,
         const std::function<double(std::uint32_t)>& meta)
      : set_(set), plan_(set.shortcircuits()), values_(values), meta_(meta) {
    known_.resize(values.size());
    known_[set.local_only()] = true;
  }

  std::optional<Shortcut> run() {
    local();
    if (!shortcut_) rest();
    for (std::size_t i = 0; i < set_.rules().size(); ++i) {
      if (!known_[i]) values_[i] = 0;
    }
    return shortcut_;
  }

 private:
  void local() {
    const auto& stages = plan_.stages;
    for (std::size_t i = 0; i < stages.size(); ++i) {
      for (const auto number : stages[i].rules) decided(number);
      if (shortcut_) return;
      const bool last = i + 1 == stages.size() || stages[i + 1].priority != stages[i].priority;
      if (last) ready_metas();
      if (shortcut_) return;
    }
  }

  /// What the network answered, and metas over what never runs: it counts as 0 from here on.
  void rest() {
    for (const auto number : plan_.answered) decided(number);
    if (shortcut_) return;
    known_[set_.nothing()] = true;
    ready_metas();
  }

  void ready_metas() {
    for (const auto number : set_.of(RuleType::meta)) {
      const auto ready = [this](std::uint32_t operand) { return known_[operand]; };
      if (known_[number] || !std::ranges::all_of(set_.rules()[number].operands, ready)) continue;
      values_[number] = meta_(number);
      decided(number);
    }
  }

  /// The rule has run, and its value is known to metas.
  void decided(std::uint32_t number) {
    known_[number] = true;
    const auto& rule = set_.rules()[number];
    if (values_[number] == 0) return;
    for (unsigned left = scoring_count(rule, values_[number]); left > 0; --left) {
      if (!shortcut_) hit(number);
      score_ += rule.score;
    }
  }

  /// The sum is that of the hits before this one.
  void hit(std::uint32_t number) {
    const auto& settings = plan_.settings;
    if ((settings.below && score_ < *settings.below) ||
        (settings.above && score_ > *settings.above))
      shortcut_ = Shortcut{
          .rule = {}, .ham = score_ < 0, .score = score_ < 0 ? -mark_of_a_sum : mark_of_a_sum};
    const auto decider = std::ranges::find(plan_.deciders, number, &Shortcircuits::Decider::rule);
    if (decider == plan_.deciders.end()) return;
    const bool by_sum = shortcut_.has_value();
    const double mark = by_sum ? shortcut_->score : score_of(*decider);
    const bool ham = decider->kind == Shortcircuits::Kind::on
                         ? decider->negative
                         : decider->kind == Shortcircuits::Kind::ham;
    shortcut_ = Shortcut{.rule = set_.rules()[number].name, .ham = ham, .score = mark};
  }

  double score_of(const Shortcircuits::Decider& decider) const {
    switch (decider.kind) {
      case Shortcircuits::Kind::on:
        return decider.negative ? -mark_of_a_rule : mark_of_a_rule;
      case Shortcircuits::Kind::ham:
        return plan_.settings.ham_score;
      case Shortcircuits::Kind::spam:
        return plan_.settings.spam_score;
    }
    return 0;
  }

  const RuleSet& set_;
  const Shortcircuits& plan_;
  std::span<double> values_;
  const std::function<double(std::uint32_t)>& meta_;
  std::vector<bool> known_;
  double score_ = 0;
  std::optional<Shortcut> shortcut_;
};

}  // namespace

unsigned scoring_count(const CompiledRule& rule, double value) {
  return counts_matches(rule.type) ? static_cast<unsigned>(value) : 1;
}

Shortcircuits plan_shortcircuits(const std::vector<CompiledRule>& rules,
                                 const ShortcircuitSettings& settings, unsigned score_set) {
  Shortcircuits out;
  out.settings = settings;
  std::map<std::pair<int, unsigned>, std::vector<std::uint32_t>> stages;
  for (std::uint32_t i = 0; i < rules.size(); ++i) {
    const auto& rule = rules[i];
    if (const auto kind = settings.rules.find(rule.name); kind != settings.rules.end())
      out.deciders.push_back({i, kind->second, rule.scores.at(score_set) < 0});
    if (rule.type == RuleType::meta) {
      stages[{rule.priority, 0}];
    } else if (const auto place = place_of(rule)) {
      stages[{rule.priority, *place}].push_back(i);
    } else {
      out.answered.push_back(i);
    }
  }
  if (!out.active()) return out;
  for (auto& [turn, numbers] : stages)
    out.stages.push_back(
        {.priority = turn.first, .place = turn.second, .rules = std::move(numbers)});
  return out;
}

std::optional<Shortcut> run_with_shortcircuits(const RuleSet& rules, std::span<double> values,
                                               const std::function<double(std::uint32_t)>& meta) {
  return Replay(rules, values, meta).run();
}

}  // namespace postern
