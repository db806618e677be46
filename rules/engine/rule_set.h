// rule_set.h — all rules, put together: compiled once, never changed, shared by all who scan.
//
// Rules are numbered in the order of their names, so that hits come out sorted; what is run is
// listed by class. The only thing that changes after loading is the tally of expressions that
// passed their match limit: a rule that did so in five messages is switched off (fault F31), in
// this process and until the next load.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "rules/language/definition.h"
#include "rules/patterns/pattern_index.h"

namespace postern {

struct CompiledRule {
  std::string name;
  std::string description;
  std::string where;
  RuleType type = RuleType::body;
  double score = 0;
  bool subrule = false;  // __NAME: counted for metas, never scored or shown
  RuleFlags flags;
  int priority = 0;

  bool exists = false;
  bool negated = false;
  std::optional<std::string> unset;
  std::shared_ptr<const Regex> pattern;
  Expression expression;
  std::vector<std::uint32_t>
      operands;  // rule numbers of expression.names(); no_rule for unknown ones
};

inline constexpr std::uint32_t no_rule = UINT32_MAX;

/// Header rules that look at the same value, which is made once for them.
struct HeaderGroup {
  HeaderSource source;
  std::vector<std::uint32_t> rules;
  PatternIndex index;  // of their patterns; a negated rule is in it without its negation
};

class RuleSet {
 public:
  static constexpr std::uint32_t most_limit_hits = 5;

  const std::vector<CompiledRule>& rules() const { return rules_; }
  const std::vector<HeaderGroup>& headers() const { return headers_; }
  /// Rules of one class that look at text, by priority, then by name.
  const std::vector<std::uint32_t>& of(RuleType type) const { return classes_.at(type); }
  /// The patterns of body, rawbody, uri or full rules, to be looked for together.
  const PatternIndex& index(RuleType type) const { return indexes_.at(type); }
  /// Metas, each behind all that it depends on.
  const std::vector<std::uint32_t>& metas() const { return classes_.at(RuleType::meta); }

  double required_score() const { return required_score_; }
  const std::string& subject_tag() const { return subject_tag_; }

  bool disabled(std::uint32_t rule) const {
    return limit_hits_[rule].load(std::memory_order_relaxed) >= most_limit_hits;
  }
  /// Counts; true for the one call that switches the rule off.
  bool limit_hit(std::uint32_t rule) const {
    return limit_hits_[rule].fetch_add(1, std::memory_order_relaxed) + 1 == most_limit_hits;
  }

 private:
  friend class Compiler;
  std::vector<CompiledRule> rules_;
  std::vector<HeaderGroup> headers_;
  std::map<RuleType, std::vector<std::uint32_t>> classes_;
  std::map<RuleType, PatternIndex> indexes_;
  double required_score_ = 5;
  std::string subject_tag_;
  std::unique_ptr<std::atomic<std::uint32_t>[]> limit_hits_;
};

/// `score_set`: which of four scores counts; bit 0 = network tests on, bit 1 = Bayes on.
std::shared_ptr<const RuleSet> compile_rules(Definitions definitions, unsigned score_set,
                                             Diagnosis& diagnosis);

}  // namespace postern
