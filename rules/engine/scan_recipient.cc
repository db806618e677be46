#include <algorithm>
#include <iterator>
#include <memory>

#include "rules/engine/scan_steps.h"

namespace postern {

ScanResult MessageScan::Steps::result_for(const Preferences& preferences) {
  if (before_metas_.empty()) before_metas_ = scratch_.values;
  scratch_.values = before_metas_;
  preferences_ = &preferences;
  result_ = {};
  if (!preferences.lists.empty()) ask_lists(preferences);
  for (const auto& [rule, score] : preferences.scores) {
    if (score == 0) scratch_.values[rule] = 0;
  }
  evaluate_metas();
  if (set_.settings().languages.models) result_.languages = message_.languages().text();
  collect();
  if (preferences.own) add_own(*preferences.own);
  result_.autolearn = autolearn_;
  result_.report = preferences.report;
  result_.required_score = preferences.required_score.value_or(result_.required_score);
  preferences_ = nullptr;
  return std::move(result_);
}

void MessageScan::Steps::add_own(const Preferences::OwnRules& own) {
  auto& scratch = scratch_.of_recipients;
  if (!scratch) scratch = std::make_unique<ScanScratch>();
  Steps steps(*own.rules, message_.input(), *scratch);
  steps.run();
  for (const auto& [here, there] : own.borrowed) scratch->values[here] = scratch_.values[there];
  const auto found = steps.finish();
  std::ranges::copy(found.limited, std::back_inserter(result_.limited));
  std::ranges::copy(found.disabled, std::back_inserter(result_.disabled));
  for (const auto& hit : found.hits) {
    const auto at = std::ranges::lower_bound(own.rules->rules(), hit.name, {}, &CompiledRule::name);
    const auto number = static_cast<std::uint32_t>(at - own.rules->rules().begin());
    if (std::ranges::binary_search(own.borrowed, number, {},
                                   &Preferences::OwnRules::Borrowed::here))
      continue;
    result_.score += hit.score;
    result_.hits.insert(std::ranges::lower_bound(result_.hits, hit.name, {}, &Hit::name), hit);
  }
}

void MessageScan::Steps::ask_lists(const Preferences& preferences) {
  auto& settings = scratch_.own_settings;
  if (!settings || scratch_.own_settings_of != set_.shared_from_this()) {
    settings = std::make_unique<RuleSettings>(set_.settings());
    scratch_.own_settings_of = set_.shared_from_this();
  }
  settings->lists = set_.settings().lists;
  apply_lists(preferences, *settings);
  ScannedMessage message(message_.input(), *settings, scratch_.matcher);
  for (const auto number : set_.asking_lists())
    scratch_.values[number] = as_hits(set_.rules()[number].eval(message));
}

}  // namespace postern
