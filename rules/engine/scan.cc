#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "gateway/mail/header.h"
#include "rules/headers/header_value.h"
#include "rules/parts/render.h"
#include "rules/rules.h"

namespace postern {
namespace {

// `multiple` without maxhits: more matches than this tell no rule anything new.
constexpr unsigned most_hits_of_a_rule = 10'000;

class Scan {
 public:
  Scan(const RuleSet& set, const ScanInput& input, Scratch& scratch)
      : set_(set),
        octets_(without_mbox_line(input.octets)),
        message_(split_message(octets_)),
        headers_(message_.fields, input.envelope_from),
        scratch_(scratch) {
    scratch_.values.assign(set_.rules().size(), 0.0);
  }

  ScanResult run() {
    header_rules();
    text_rules();
    metas();
    collect();
    return std::move(result_);
  }

 private:
  unsigned bound_of(const CompiledRule& rule) const {
    if (!rule.flags.multiple) return 1;
    return rule.flags.most_hits > 0 ? rule.flags.most_hits : most_hits_of_a_rule;
  }

  /// Counts matches in one subject, up to the rule's bound in all; false when there is no need to
  /// look at more subjects.
  bool count_in(std::uint32_t number, std::string_view subject) {
    const auto& rule = set_.rules()[number];
    const unsigned bound = bound_of(rule);
    auto& count = scratch_.values[number];
    Regex::Span found;
    bool after_empty = false;
    while (found.to <= subject.size()) {
      const auto outcome =
          rule.pattern->find(subject, found.to, after_empty, scratch_.matcher, found);
      if (outcome == Regex::Outcome::none) return true;
      if (outcome == Regex::Outcome::limit) return limit(number);
      if (++count >= bound) return false;
      after_empty = found.empty();
    }
    return true;
  }

  /// A rule that is too dear for this message is out of it, and after some messages for good:
  /// nobody's mail may stand still for one expression (fault F31).
  bool limit(std::uint32_t number) {
    const auto& name = set_.rules()[number].name;
    scratch_.values[number] = 0;
    result_.limited.push_back(name);
    if (set_.limit_hit(number)) result_.disabled.push_back(name);
    return false;
  }

  void header_rules() {
    for (const auto& group : set_.headers()) {
      const auto value = headers_.get(group.source);
      for (const auto number : group.rules) header_rule(number, value);
    }
  }

  void header_rule(std::uint32_t number, const std::optional<std::string>& value) {
    const auto& rule = set_.rules()[number];
    if (rule.exists) {
      scratch_.values[number] = value.has_value();
      return;
    }
    if (set_.disabled(number)) return;
    // Without the field the pattern is tried on what [if-unset] says, else on nothing at all.
    const std::string_view subject = value        ? std::string_view(*value)
                                     : rule.unset ? std::string_view(*rule.unset)
                                                  : "";
    if (!rule.negated) {
      count_in(number, subject);
      return;
    }
    const auto outcome = rule.pattern->matches(subject, scratch_.matcher);
    if (outcome == Regex::Outcome::limit) {
      limit(number);
    } else {
      scratch_.values[number] = outcome == Regex::Outcome::none;
    }
  }

  void text_rules() {
    const auto rendering = render(octets_, headers_.subject());
    for (const auto number : set_.of(RuleType::body)) {
      const bool skip_subject = set_.rules()[number].flags.no_subject;
      count_in_each(number, rendering.body, skip_subject ? 1 : 0);
    }
    for (const auto number : set_.of(RuleType::uri)) count_in_each(number, rendering.uris, 0);
    for (const auto number : set_.of(RuleType::rawbody))
      count_in_each(number, rendering.rawbody, 0);
    for (const auto number : set_.of(RuleType::full)) {
      if (!set_.disabled(number)) count_in(number, octets_);
    }
  }

  void count_in_each(std::uint32_t number, const std::vector<std::string>& subjects,
                     std::size_t first) {
    if (set_.disabled(number)) return;
    for (std::size_t i = first; i < subjects.size(); ++i) {
      if (!count_in(number, subjects[i])) return;
    }
  }

  void metas() {
    for (const auto number : set_.metas()) {
      const auto& rule = set_.rules()[number];
      scratch_.operands.clear();
      for (const auto operand : rule.operands) {
        scratch_.operands.push_back(operand == no_rule ? 0 : scratch_.values[operand]);
      }
      scratch_.values[number] = rule.expression.evaluate(scratch_.operands, scratch_.stack);
    }
  }

  void collect() {
    result_.required_score = set_.required_score();
    for (std::size_t i = 0; i < set_.rules().size(); ++i) {
      const auto& rule = set_.rules()[i];
      const double value = scratch_.values[i];
      if (value == 0) continue;
      if (rule.subrule) {
        result_.subrules.push_back(rule.name);
        continue;
      }
      // A meta hits once, whatever its value.
      const unsigned count = rule.type == RuleType::meta ? 1 : static_cast<unsigned>(value);
      result_.hits.push_back({rule.name, rule.score * count, rule.description, count});
      result_.score += result_.hits.back().score;
    }
  }

  const RuleSet& set_;
  std::string_view octets_;
  SplitMessage message_;
  HeaderValues headers_;
  Scratch& scratch_;
  ScanResult result_;
};

}  // namespace

ScanResult scan(const RuleSet& rules, const ScanInput& input, Scratch& scratch) {
  return Scan(rules, input, scratch).run();
}

std::string scan_line(std::string_view message, const ScanResult& result) {
  std::string names;
  for (const auto& hit : result.hits) {
    if (!names.empty()) names += ',';
    names += hit.name;
  }
  // Sums of decimal fractions: -0.000 is no score that anybody wrote.
  const double score = std::abs(result.score) < 0.0005 ? 0.0 : result.score;
  return fmt::format("{}\t{:.3f}\t{}", message, score, names);
}

}  // namespace postern
