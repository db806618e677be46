// shortcircuit.h — rules that decide a message at once: what would not have run is taken out again.
//
// SpamAssassin runs rules by priority and class and stops where a rule decides, to save time. Here
// patterns are looked for together and that costs more than it saves; so all rules run, and where
// one of them decides, the scan's values are gone through in SpamAssassin's order (Check.pm,
// check_main) and what comes behind the stop is set to 0. The hits are the same, and rules without
// `shortcircuit` cost nothing.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "rules/language/shortcircuit_settings.h"

namespace postern {

class RuleSet;
struct CompiledRule;

/// Rules of one priority and class: all of them run, even if the first decides.
struct RuleStage {
  int priority = 0;
  unsigned place = 0;                // of the class within its priority
  std::vector<std::uint32_t> rules;  // none where only metas have the priority
};

struct Shortcircuits {
  using Kind = ShortcircuitSettings::Kind;
  struct Decider {
    std::uint32_t rule;
    Kind kind;
    bool negative;  // its score
  };

  std::vector<RuleStage> stages;        // without metas and what the network answers
  std::vector<std::uint32_t> answered;  // by the network, behind all stages
  std::vector<Decider> deciders;        // by rule number
  ShortcircuitSettings settings;

  bool active() const { return !deciders.empty() || settings.below || settings.above; }
};

Shortcircuits plan_shortcircuits(const std::vector<CompiledRule>& rules,
                                 const ShortcircuitSettings& settings, unsigned score_set);

struct Shortcut {
  std::string_view rule;  // "" where the sum of scores decided
  bool ham = false;
  double score = 0;  // of the hit SHORTCIRCUIT
};

constexpr std::string_view shortcut_name = "SHORTCIRCUIT";

/// Evaluates the metas (`meta` gives one its value) and sets to 0 what would not have run. `values`
/// are those of a scan, by rule number, metas still 0.
std::optional<Shortcut> run_with_shortcircuits(const RuleSet& rules, std::span<double> values,
                                               const std::function<double(std::uint32_t)>& meta);

/// How often a rule of that value scores: with `multiple` each match, a meta or an eval once.
unsigned scoring_count(const CompiledRule& rule, double value);

}  // namespace postern
