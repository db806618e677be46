// rule_set.h — all rules, put together: compiled once, never changed, shared by all who scan.
//
// Rules are numbered in the order of their names, so that hits come out sorted; what is run is
// listed by class. The only thing that changes after loading is the tally of expressions that
// passed their match limit: a rule that did so in five messages is switched off (fault F31), in
// this process and until the next load.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "rules/bayes/autolearn.h"
#include "rules/engine/shortcircuit.h"
#include "rules/evals/eval.h"
#include "rules/language/definition.h"
#include "rules/network/closed_zones.h"
#include "rules/network/network_rules.h"
#include "rules/patterns/pattern_index.h"

namespace postern {

struct CompiledRule {
  std::string name;
  std::string description;
  std::string where;          // file:line:column of the directive
  std::string where_written;  // … and of the pattern, expression or call
  RuleType type = RuleType::body;
  double score = 0;
  std::array<double, 4> scores{};  // of all sets
  bool subrule = false;            // __NAME: counted for metas, never scored or shown
  RuleFlags flags;
  int priority = 0;

  bool exists = false;
  bool negated = false;
  std::optional<std::string> unset;
  std::shared_ptr<const Regex> pattern;
  bool expanded = false;  // tags were replaced in `written`: it is not what the file says
  std::string written;    // the pattern (tags replaced), expression or call
  bool captures = false;
  std::vector<std::string> templates;  // filled in for each message
  HeaderSource header;
  MimeHeaderSource mime;
  std::shared_ptr<const UriConditions> uri;
  BoundEval eval;
  Expression expression;
  std::vector<std::uint32_t> operands;  // places in the scan's values, of expression.names()
  double at_rest = 0;     // the expression's value while all operands are 0, which is most often so
  AutolearnHit learning;  // how a hit counts for learning; the name and the count are a scan's
};

/// Header rules that look at the same value, which is made once for them.
struct HeaderGroup {
  HeaderSource source;
  std::vector<std::uint32_t> rules;
  /// Of these, what hits is not told by whether the pattern matches: exists:, !~ and [if-unset].
  std::vector<std::uint32_t> special;
  /// … and those whose pattern matches an empty text, which is what they see of a missing field.
  std::vector<std::uint32_t> in_nothing;
  PatternIndex index;  // of their patterns; a negated rule is in it without its negation
};

/// A meta as a scan runs it: side by side in memory, since every message asks for all of them.
struct MetaStep {
  std::uint32_t rule = 0;
  std::uint32_t first = 0;  // of its operands, in RuleSet::meta_operands()
  std::uint32_t last = 0;   // behind them
  double at_rest = 0;
};

/// Whether each match scores; a meta or an eval hits once, whatever its value.
bool counts_matches(RuleType type);
/// tflags multiple and maxhits=N: after how many matches a rule has seen enough.
unsigned most_matches(const RuleFlags& flags);

class RuleSet : public std::enable_shared_from_this<RuleSet> {
 public:
  static constexpr std::uint32_t most_limit_hits = 5;

  const std::vector<CompiledRule>& rules() const { return rules_; }
  /// All but those in captures() and templated().
  const std::vector<HeaderGroup>& headers() const { return headers_; }
  /// Rules of one class that run on a message, without those in captures() and templated(). Metas
  /// each behind all that it depends on; the others by priority, then by name.
  const std::vector<std::uint32_t>& of(RuleType type) const {
    return classes_[static_cast<std::size_t>(type)];
  }
  /// Body rules of a lower priority run before FreeMail takes addresses out of the body.
  int body_changes_at() const { return body_changes_at_; }
  /// Header evals that look into lists of addresses, which a recipient may have of its own.
  const std::vector<std::uint32_t>& asking_lists() const { return asking_lists_; }
  /// Those of of(RuleType::meta), in the same order.
  const std::vector<MetaStep>& metas() const { return metas_; }
  const std::vector<std::uint32_t>& meta_operands() const { return meta_operands_; }
  /// The patterns of the body, rawbody, uri or full rules of of(), to be looked for together.
  const PatternIndex& index(RuleType type) const {
    return indexes_[static_cast<std::size_t>(type)];
  }
  /// Rules whose named groups others use: run first.
  const std::vector<std::uint32_t>& captures() const { return captures_; }
  /// Rules that use them.
  const std::vector<std::uint32_t>& templated() const { return templated_; }

  /// A scan has a value for each rule, by number, and behind them one that is 0 (names that no rule
  /// has) and one for local_tests_only.
  std::size_t values() const { return rules_.size() + 2; }
  std::size_t nothing() const { return rules_.size(); }
  std::size_t local_only() const { return rules_.size() + 1; }
  bool is_local() const { return (score_set_ & 1U) == 0; }
  bool has_bayes() const { return (score_set_ & 2U) != 0; }
  unsigned score_set() const { return score_set_; }
  /// allow_user_rules: recipients may have rules of their own (preferences.h).
  bool user_rules() const { return user_rules_; }
  /// What asks the DNS; empty in local mode.
  const NetworkRules& network() const { return network_; }
  /// Lists that a rule has found closed; a tally like that of the match limits.
  ClosedZones& closed_zones() const { return *closed_zones_; }

  const Shortcircuits& shortcircuits() const { return shortcircuits_; }

  const RuleSettings& settings() const { return settings_; }
  double required_score() const { return settings_.report.required_score; }
  const std::string& subject_tag() const { return settings_.report.subject_tag(); }
  /// The `test` lines of the files.
  const std::vector<Sample>& samples() const { return samples_; }

  /// What stands in the files and is not run.
  const std::vector<Idle>& idle() const { return idle_; }

  bool disabled(std::uint32_t rule) const {
    return limit_hits_[rule].load(std::memory_order_relaxed) >= most_limit_hits;
  }
  /// Counts; true for the one call that switches the rule off.
  bool limit_hit(std::uint32_t rule) const {
    return limit_hits_[rule].fetch_add(1, std::memory_order_relaxed) + 1 == most_limit_hits;
  }

 private:
  friend class Compiler;
  friend class ScanLayout;
  std::vector<CompiledRule> rules_;
  std::vector<HeaderGroup> headers_;
  static constexpr std::size_t types = static_cast<std::size_t>(RuleType::empty) + 1;
  std::array<std::vector<std::uint32_t>, types> classes_;
  std::array<PatternIndex, types> indexes_;
  int body_changes_at_ = 0;
  std::vector<std::uint32_t> asking_lists_;
  std::vector<MetaStep> metas_;
  std::vector<std::uint32_t> meta_operands_;
  std::vector<std::uint32_t> captures_;
  std::vector<std::uint32_t> templated_;
  RuleSettings settings_;
  NetworkRules network_{settings_.lookups};
  std::unique_ptr<ClosedZones> closed_zones_ = std::make_unique<ClosedZones>();
  Shortcircuits shortcircuits_;
  std::vector<Sample> samples_;
  std::vector<Idle> idle_;
  unsigned score_set_ = 0;
  bool user_rules_ = false;
  std::unique_ptr<std::atomic<std::uint32_t>[]> limit_hits_;
};

/// `score_set`: which of four scores counts; bit 0 = network tests on, bit 1 = Bayes on.
std::shared_ptr<const RuleSet> compile_rules(Definitions definitions, unsigned score_set,
                                             Diagnosis& diagnosis);

}  // namespace postern
