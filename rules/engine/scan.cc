#include <algorithm>
#include <cmath>
#include <functional>
#include <span>

#include <fmt/format.h>

#include "gateway/mail/header.h"
#include "rules/headers/header_value.h"
#include "rules/parts/render.h"
#include "rules/rules.h"
#include "rules/settings.h"

namespace postern {
namespace {

class Scan {
 public:
  Scan(const RuleSet& set, const ScanInput& input, Scratch& scratch)
      : set_(set),
        octets_(without_mbox_line(input.octets)),
        message_(split_message(octets_)),
        headers_({.fields = message_.fields,
                  .header = message_.header,
                  .crlf = true,
                  .envelope_from = input.envelope_from,
                  .networks = settings_.networks,
                  .boundaries = settings_.domains.boundaries}),
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
  /// Looks for the patterns of `index` in `subjects` and counts what matches. Rules that passed
  /// their limit are left in found.limited for the caller.
  void count(const PatternIndex& index, std::span<const std::string_view> subjects,
             const std::function<bool(std::uint32_t)>& left_out) {
    auto& found = scratch_.found;
    found.matches.clear();
    found.limited.clear();
    index.scan(subjects, scratch_.matcher, scratch_.patterns, left_out, found);
    for (const auto& match : found.matches) ++scratch_.values[match.rule];
  }

  /// A rule that is too dear for this message is out of it, and after some messages for good:
  /// nobody's mail may stand still for one expression (fault F31).
  void limit(std::uint32_t number) {
    const auto& name = set_.rules()[number].name;
    scratch_.values[number] = 0;
    result_.limited.push_back(name);
    if (set_.limit_hit(number)) result_.disabled.push_back(name);
  }

  void header_rules() {
    for (const auto& group : set_.headers()) header_group(group, headers_.get(group.source));
  }

  void header_group(const HeaderGroup& group, const std::optional<std::string>& value) {
    // Without the field a pattern is tried on what [if-unset] says, else on nothing at all.
    const std::string_view subject = value ? std::string_view(*value) : "";
    count(group.index, std::span(&subject, 1), [&](std::uint32_t number) {
      return set_.disabled(number) || (!value && set_.rules()[number].unset);
    });
    for (const auto number : group.rules) {
      const auto& rule = set_.rules()[number];
      auto& counted = scratch_.values[number];
      if (rule.exists) {
        counted = value.has_value();
        continue;
      }
      if (set_.disabled(number)) continue;
      if (!value && rule.unset) unset_header(number);
      if (rule.negated) counted = counted == 0;
    }
    for (const auto number : scratch_.found.limited) limit(number);
  }

  void unset_header(std::uint32_t number) {
    const auto& rule = set_.rules()[number];
    const auto outcome = rule.pattern->matches(*rule.unset, scratch_.matcher);
    if (outcome == Regex::Outcome::limit) scratch_.found.limited.push_back(number);
    if (outcome == Regex::Outcome::match) scratch_.values[number] = 1;
  }

  void text_rules() {
    const auto rendering = render(octets_, std::string(headers_.subject()));
    text_class(RuleType::body, rendering.body);
    text_class(RuleType::uri, rendering.uris);
    text_class(RuleType::rawbody, rendering.rawbody);
    count_texts(RuleType::full, std::span(&octets_, 1));
  }

  void text_class(RuleType type, const std::vector<std::string>& texts) {
    scratch_.subjects.assign(texts.begin(), texts.end());
    count_texts(type, scratch_.subjects);
  }

  void count_texts(RuleType type, std::span<const std::string_view> subjects) {
    count(set_.index(type), subjects,
          [this](std::uint32_t number) { return set_.disabled(number); });
    for (const auto number : scratch_.found.limited) limit(number);
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
  RuleSettings settings_;
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
