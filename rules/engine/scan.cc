#include <algorithm>
#include <chrono>
#include <cmath>

#include <fmt/format.h>

#include "rules/engine/learning.h"
#include "rules/engine/scan_steps.h"

namespace postern {

MessageScan::Steps::Steps(const RuleSet& set, const ScanInput& input, ScanScratch& scratch)
    : set_(set), scratch_(scratch), message_(input, set.settings(), scratch.matcher) {
  scratch_.values.assign(set_.values(), 0.0);
  scratch_.values[set_.local_only()] = set_.is_local();
  scratch_.found.costs = scratch_.costs;
  if (scratch_.costs != nullptr) make_views();
}

void MessageScan::Steps::run() {
  for (const auto number : set_.captures()) capture_rule(number);
  header_rules();
  evals({RuleType::header_eval});
  text_rules();
  evals({RuleType::body_eval, RuleType::rawbody_eval, RuleType::full_eval});
  plugin_rules();
  for (const auto number : set_.templated()) template_rule(number);
}

NetworkScan& MessageScan::Steps::network() {
  if (!network_) {
    const auto now = std::chrono::steady_clock::now();
    network_.emplace(set_.network(), message_, set_.closed_zones().closed(now));
  }
  return *network_;
}

ScanResult MessageScan::Steps::finish() {
  if (network_) {
    for (const auto& [number, count] : network_->hits()) {
      scratch_.values[number] = count;
      close_zones(set_.rules()[number].name);
    }
  }
  if (set_.shortcircuits().active()) before_metas_ = scratch_.values;
  evaluate_metas();
  if (set_.settings().languages.models) result_.languages = message_.languages().text();
  collect();
  result_.autolearn = decide_learning(set_, result_, scratch_.learning);
  autolearn_ = result_.autolearn;
  return std::move(result_);
}

void MessageScan::Steps::evaluate_metas() {
  if (set_.shortcircuits().active()) {
    result_.shortcut = run_with_shortcircuits(
        set_, scratch_.values, [this](std::uint32_t number) { return meta_value(number); });
  } else {
    metas();
  }
}

void MessageScan::Steps::make_views() {
  message_.relays();
  message_.body();
  message_.rawbody();
  message_.uris();
}

void MessageScan::Steps::close_zones(const std::string& rule) const {
  const auto& lookups = set_.settings().lookups;
  const auto found = lookups.blocking.find(rule);
  if (found == lookups.blocking.end()) return;
  const auto wait = std::chrono::duration_cast<std::chrono::steady_clock::duration>(
      std::chrono::duration<double>(lookups.block_time));
  set_.closed_zones().close(found->second, std::chrono::steady_clock::now() + wait);
}

void MessageScan::Steps::metas() {
  const auto& operands = set_.meta_operands();
  auto& values = scratch_.values;
  for (const auto& meta : set_.metas()) {
    bool rests = scratch_.costs == nullptr;
    for (auto i = meta.first; rests && i < meta.last; ++i) rests = values[operands[i]] == 0;
    values[meta.rule] = rests && !is_off(meta.rule) ? as_hits(meta.at_rest) : meta_value(meta.rule);
  }
}

bool MessageScan::Steps::is_off(std::uint32_t number) const {
  if (preferences_ == nullptr) return false;
  const double* const score = preferences_->score_of(number);
  return score != nullptr && *score == 0;
}

double MessageScan::Steps::meta_value(std::uint32_t number) {
  if (is_off(number)) return 0;
  const CostWatch watch(scratch_.costs, number);
  const auto& meta = set_.rules()[number];
  auto& operands = scratch_.operands;
  operands.clear();
  bool rests = true;
  for (const auto operand : meta.operands) {
    operands.push_back(scratch_.values[operand]);
    rests = rests && operands.back() == 0;
  }
  return as_hits(rests ? meta.at_rest : meta.expression.evaluate(operands, scratch_.stack));
}

void MessageScan::Steps::collect() {
  result_.rules = set_.shared_from_this();
  result_.required_score = set_.required_score();
  scratch_.learning.clear();
  for (std::size_t i = 0; i < set_.rules().size(); ++i) {
    const double value = scratch_.values[i];
    if (value == 0) continue;
    const auto& rule = set_.rules()[i];
    if (rule.subrule) {
      result_.subrules.push_back({.name = rule.name, .value = value});
      continue;
    }
    const unsigned count = scoring_count(rule, value);
    const double* const own =
        preferences_ == nullptr ? nullptr : preferences_->score_of(static_cast<std::uint32_t>(i));
    result_.hits.push_back({.name = rule.name,
                            .score = (own != nullptr ? *own : rule.score) * count,
                            .description = rule.description,
                            .count = count,
                            .value = value});
    result_.score += result_.hits.back().score;
    if (!set_.has_bayes()) continue;
    auto& learning = scratch_.learning.emplace_back(rule.learning);
    learning.name = rule.name;
    learning.count = count;
  }
  if (result_.shortcut && result_.shortcut->score != 0) collect_shortcut(*result_.shortcut);
}

void MessageScan::Steps::collect_shortcut(const Shortcut& shortcut) {
  Hit hit{.name = shortcut_name, .score = shortcut.score};
  const auto rule = std::ranges::lower_bound(set_.rules(), shortcut_name, {}, &CompiledRule::name);
  if (rule != set_.rules().end() && rule->name == shortcut_name)
    hit.description = rule->description;
  result_.hits.insert(std::ranges::lower_bound(result_.hits, shortcut_name, {}, &Hit::name), hit);
  result_.score += shortcut.score;
}

namespace {

std::string joined(const std::vector<Hit>& hits, bool values) {
  std::string out;
  for (const auto& hit : hits) {
    if (!out.empty()) out += ',';
    out += hit.name;
    if (values && hit.value != 1) out += fmt::format("={:.15g}", hit.value);
  }
  return out;
}

}  // namespace

MessageScan::MessageScan(const RuleSet& rules, const ScanInput& input, ScanScratch& scratch)
    : steps_(std::make_unique<Steps>(rules, input, scratch)) {}
MessageScan::~MessageScan() = default;
std::vector<NetworkQuestion> MessageScan::questions() { return steps_->network().take_questions(); }
void MessageScan::answer(const NetworkQuestion& question, const NetworkAnswer& answer) {
  steps_->network().answer(question, answer);
}
void MessageScan::run() { steps_->run(); }
ScanResult MessageScan::finish() { return steps_->finish(); }
ScanResult MessageScan::result_for(const Preferences& preferences) {
  return steps_->result_for(preferences);
}
ScannedMessage& MessageScan::message() { return steps_->message(); }

ScanResult scan(const RuleSet& rules, const ScanInput& input, ScanScratch& scratch) {
  MessageScan steps(rules, input, scratch);
  steps.run();
  return steps.finish();
}

std::string scan_line(std::string_view message, const ScanResult& result,
                      const ScanLineOptions& options) {
  // Sums of decimal fractions: -0.000 is no score that anybody wrote.
  const double score = std::abs(result.score) < 0.0005 ? 0.0 : result.score;
  auto out = fmt::format("{}\t{:.3f}\t{}", message, score, joined(result.hits, options.values));
  if (options.subrules) (out += '\t') += joined(result.subrules, options.values);
  return out;
}

}  // namespace postern
