#include "rules/engine/learning.h"

#include <algorithm>

namespace postern {

using Place = AutolearnHit::Place;

Place counted_place(RuleType type) {
  switch (type) {
    case RuleType::header:
    case RuleType::header_eval:
      return Place::header;
    case RuleType::body:
    case RuleType::body_eval:
    case RuleType::mime_header:
    case RuleType::uri_detail:
    case RuleType::uri:
    case RuleType::rawbody:
    case RuleType::rawbody_eval:
      return Place::body;
    case RuleType::meta:
      return Place::meta;
    case RuleType::dns_eval:
    case RuleType::full:
    case RuleType::full_eval:
    case RuleType::empty:
      return Place::other;
  }
  return Place::other;
}

AutolearnHit learning_of(const CompiledRule& rule, unsigned score_set) {
  const auto has = [&](std::string_view word) {
    return std::ranges::find(rule.flags.words, word) != rule.flags.words.end();
  };
  AutolearnHit out;
  out.score = rule.scores.at(score_set & ~with_bayes);
  out.learner_score = rule.scores.at(score_set);
  out.place = counted_place(rule.type);
  out.not_counted = has("noautolearn") || has("userconf");
  out.learner = rule.flags.learn;
  out.force = has("autolearn_force");
  // Of both flags the one that is written first counts.
  for (const auto& word : rule.flags.words) {
    if (out.counted_as) break;
    if (word == "autolearn_header") out.counted_as = Place::header;
    if (word == "autolearn_body") out.counted_as = Place::body;
  }
  return out;
}

AutolearnDecision decide_learning(const RuleSet& rules, const ScanResult& result,
                                  std::span<const AutolearnHit> hits) {
  if (!rules.has_bayes() || result.shortcut) return {};
  const auto has = [&](std::string_view name) {
    return std::ranges::binary_search(result.hits, name, {}, &Hit::name);
  };
  return autolearn({.hits = hits,
                    .is_spam = result.is_spam(),
                    .bayes_00 = has("BAYES_00"),
                    .bayes_99 = has("BAYES_99")},
                   rules.settings().bayes);
}

}  // namespace postern
