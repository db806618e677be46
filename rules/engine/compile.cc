#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "rules/engine/rule_set.h"

namespace postern {

namespace {

// `multiple` without maxhits: more matches than this tell no rule anything new.
constexpr unsigned most_hits_of_a_rule = 10'000;

bool is_subrule(std::string_view name) { return name.starts_with("__"); }

double score_of(const Definitions& definitions, const std::string& name, const RuleFlags& flags,
                unsigned set) {
  if (const auto found = definitions.scores.find(name); found != definitions.scores.end()) {
    return found->second.sets.at(set);
  }
  const double unscored = name.starts_with("T_") ? 0.01 : 1.0;
  return flags.nice ? -unscored : unscored;
}

}  // namespace

class Compiler {
 public:
  Compiler(Definitions definitions, unsigned score_set, Diagnosis& diagnosis)
      : definitions_(std::move(definitions)), score_set_(score_set & 3U), diagnosis_(diagnosis) {}

  std::shared_ptr<const RuleSet> run() {
    out_->required_score_ = definitions_.required_score;
    out_->subject_tag_ = definitions_.subject_tag;
    for (const auto type : {RuleType::header, RuleType::body, RuleType::rawbody, RuleType::uri,
                            RuleType::full, RuleType::meta}) {
      out_->classes_[type];
    }
    // The map is sorted by name, and so are the numbers.
    for (auto& [name, definition] : definitions_.rules) add(name, definition);
    bind_metas();
    group_headers();
    order_metas();
    for (auto& [type, list] : out_->classes_) {
      if (type != RuleType::meta) by_priority(list);
    }
    index_patterns();
    out_->limit_hits_ = std::make_unique<std::atomic<std::uint32_t>[]>(out_->rules_.size());
    remark_on_strays();
    return out_;
  }

 private:
  void add(const std::string& name, Definition& definition) {
    RuleFlags flags;
    if (const auto found = definitions_.flags.find(name); found != definitions_.flags.end())
      flags = found->second;
    const double score = is_subrule(name) ? 0 : score_of(definitions_, name, flags, score_set_);
    if (score == 0 && !is_subrule(name)) return;  // switched off: not run, and 0 in metas

    CompiledRule rule;
    rule.name = name;
    rule.where = definition.where;
    rule.type = definition.type;
    rule.score = score;
    rule.subrule = is_subrule(name);
    rule.flags = flags;
    rule.exists = definition.exists;
    rule.negated = definition.negated;
    rule.unset = std::move(definition.unset);
    rule.expression = std::move(definition.expression);
    // Patterns run in their index; a value for an absent field is matched by itself.
    if (definition.pattern && rule.unset) definition.pattern->compile_native();
    rule.pattern = std::move(definition.pattern);
    if (const auto found = definitions_.descriptions.find(name);
        found != definitions_.descriptions.end()) {
      rule.description = found->second.text;
    }
    if (const auto found = definitions_.priorities.find(name);
        found != definitions_.priorities.end()) {
      rule.priority = found->second;
    }
    const auto number = static_cast<std::uint32_t>(out_->rules_.size());
    numbers_[name] = number;
    out_->classes_[rule.type].push_back(number);
    sources_.push_back(definition.header);
    out_->rules_.push_back(std::move(rule));
  }

  void by_priority(std::vector<std::uint32_t>& list) {
    std::ranges::sort(list, {}, [this](std::uint32_t rule) {
      return std::pair(out_->rules_[rule].priority, rule);
    });
  }

  void group_headers() {
    std::map<HeaderSource, std::vector<std::uint32_t>> groups;
    for (const auto rule : out_->classes_[RuleType::header]) groups[sources_[rule]].push_back(rule);
    for (auto& [source, rules] : groups) {
      by_priority(rules);
      out_->headers_.push_back({source, std::move(rules), {}});
    }
  }

  void index_patterns() {
    for (const auto type : {RuleType::body, RuleType::rawbody, RuleType::uri, RuleType::full}) {
      out_->indexes_[type] = index_of(out_->classes_[type]);
    }
    for (auto& group : out_->headers_) group.index = index_of(group.rules);
  }

  PatternIndex index_of(const std::vector<std::uint32_t>& rules) const {
    std::vector<IndexedPattern> patterns;
    for (const auto number : rules) {
      const auto& rule = out_->rules_[number];
      if (!rule.pattern) continue;
      patterns.push_back({.rule = number,
                          .regex = rule.pattern.get(),
                          .most = rule.negated ? 1 : most_matches(rule.flags),
                          .skip_first = rule.flags.no_subject});
    }
    return PatternIndex::build(patterns);
  }

  static unsigned most_matches(const RuleFlags& flags) {
    if (!flags.multiple) return 1;
    return flags.most_hits > 0 ? flags.most_hits : most_hits_of_a_rule;
  }

  // ---- metas ----

  void bind_metas() {
    for (const auto number : out_->metas()) {
      auto& rule = out_->rules_[number];
      for (const auto& name : rule.expression.names()) {
        const auto found = numbers_.find(name);
        rule.operands.push_back(found == numbers_.end() ? no_rule : found->second);
        if (found == numbers_.end() && !definitions_.rules.contains(name)) {
          diagnosis_.remarks.push_back(
              {rule.where, fmt::format("{} asks for {}, which no rule is called: it counts"
                                       " as 0",
                                       rule.name, name)});
        }
      }
    }
  }

  bool is_meta(std::uint32_t rule) const {
    return rule != no_rule && out_->rules_[rule].type == RuleType::meta;
  }

  /// Peels off metas whose metas are all done (Kahn's method). What is left lies on a cycle or
  /// behind one; peeling that from the other end leaves what lies on cycles, which are left out.
  void order_metas() {
    auto& metas = out_->classes_[RuleType::meta];
    std::vector<bool> dropped(out_->rules_.size());
    auto order = peel(metas, dropped);
    if (order.size() < metas.size()) {
      for (const auto rule : on_cycles(metas, order)) {
        dropped[rule] = true;
        const auto& cyclic = out_->rules_[rule];
        diagnosis_.problems.push_back(
            {cyclic.where, fmt::format("{} depends on itself through other metas: break the"
                                       " circle; until then it never hits",
                                       cyclic.name)});
      }
      order = peel(metas, dropped);
    }
    metas = std::move(order);
  }

  std::vector<std::uint32_t> peel(const std::vector<std::uint32_t>& metas,
                                  const std::vector<bool>& dropped) const {
    std::vector<std::uint32_t> open(out_->rules_.size());
    std::vector<std::vector<std::uint32_t>> users(out_->rules_.size());
    std::vector<std::uint32_t> order;
    for (const auto rule : metas) {
      if (dropped[rule]) continue;
      for (const auto operand : out_->rules_[rule].operands) {
        if (!is_meta(operand) || dropped[operand]) continue;
        ++open[rule];
        users[operand].push_back(rule);
      }
      if (open[rule] == 0) order.push_back(rule);
    }
    for (std::size_t i = 0; i < order.size(); ++i) {
      for (const auto user : users[order[i]]) {
        if (--open[user] == 0) order.push_back(user);
      }
    }
    return order;
  }

  std::vector<std::uint32_t> on_cycles(const std::vector<std::uint32_t>& metas,
                                       const std::vector<std::uint32_t>& solved) const {
    std::vector<bool> left(out_->rules_.size());
    for (const auto rule : metas) left[rule] = true;
    for (const auto rule : solved) left[rule] = false;
    std::vector<std::uint32_t> users(out_->rules_.size());
    for (const auto rule : metas) {
      if (!left[rule]) continue;
      for (const auto operand : out_->rules_[rule].operands) {
        if (operand != no_rule && left[operand]) ++users[operand];
      }
    }
    std::vector<std::uint32_t> unused;
    for (const auto rule : metas) {
      if (left[rule] && users[rule] == 0) unused.push_back(rule);
    }
    for (std::size_t i = 0; i < unused.size(); ++i) {
      left[unused[i]] = false;
      for (const auto operand : out_->rules_[unused[i]].operands) {
        if (operand != no_rule && left[operand] && --users[operand] == 0) unused.push_back(operand);
      }
    }
    std::vector<std::uint32_t> out;
    std::ranges::copy_if(metas, std::back_inserter(out),
                         [&](std::uint32_t rule) { return left[rule]; });
    return out;
  }

  // ---- what was said of rules that do not exist ----

  void remark_on_strays() {
    for (const auto& [name, scores] : definitions_.scores) stray(name, scores.where, "score");
    for (const auto& [name, described] : definitions_.descriptions)
      stray(name, described.where, "description");
  }

  void stray(const std::string& name, const std::string& where, std::string_view what) {
    if (definitions_.rules.contains(name)) return;
    diagnosis_.remarks.push_back(
        {where, fmt::format("a {} for {}, but no rule is called that", what, name)});
  }

  Definitions definitions_;
  unsigned score_set_;
  Diagnosis& diagnosis_;
  std::shared_ptr<RuleSet> out_ = std::make_shared<RuleSet>();
  std::map<std::string, std::uint32_t, std::less<>> numbers_;
  std::vector<HeaderSource> sources_;  // by rule number
};

std::shared_ptr<const RuleSet> compile_rules(Definitions definitions, unsigned score_set,
                                             Diagnosis& diagnosis) {
  return Compiler(std::move(definitions), score_set, diagnosis).run();
}

}  // namespace postern
