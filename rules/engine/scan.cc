#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <functional>
#include <span>

#include <fmt/format.h>

#include "rules/engine/learning.h"
#include "rules/engine/preferences.h"
#include "rules/language/capture_template.h"
#include "rules/message/scanned_message.h"
#include "rules/parts/mime_header_values.h"
#include "rules/rules.h"

namespace postern {
namespace {

constexpr unsigned most_hits_of_a_part = 1000;  // mimeheader's own bound
// What one message may put into the patterns of other rules.
constexpr std::size_t most_captured = 100;

}  // namespace

class MessageScan::Steps {
 public:
  Steps(const RuleSet& set, const ScanInput& input, ScanScratch& scratch)
      : set_(set), scratch_(scratch), message_(input, set.settings(), scratch.matcher) {
    scratch_.values.assign(set_.values(), 0.0);
    scratch_.values[set_.local_only()] = set_.is_local();
    scratch_.found.costs = scratch_.costs;
    if (scratch_.costs != nullptr) make_views();
  }

  /// Header evals go first: FreeMail takes addresses out of the body that rules look at.
  void run() {
    for (const auto number : set_.captures()) capture_rule(number);
    header_rules();
    evals({RuleType::header_eval});
    text_rules();
    evals({RuleType::body_eval, RuleType::rawbody_eval, RuleType::full_eval});
    plugin_rules();
    for (const auto number : set_.templated()) template_rule(number);
  }

  ScannedMessage& message() { return message_; }

  NetworkScan& network() {
    if (!network_) {
      const auto now = std::chrono::steady_clock::now();
      network_.emplace(set_.network(), message_, set_.closed_zones().closed(now));
    }
    return *network_;
  }

  ScanResult finish() {
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

  /// What the site's rules find does not depend on scores. Only what preferences touch is asked
  /// again: metas, since a rule may be off, and the functions that look into lists.
  ScanResult result_for(const Preferences& preferences) {
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

 private:
  void evaluate_metas() {
    if (set_.shortcircuits().active()) {
      result_.shortcut = run_with_shortcircuits(
          set_, scratch_.values, [this](std::uint32_t number) { return meta_value(number); });
    } else {
      metas();
    }
  }

  /// Rules of a recipient's own, on a view of the message of their own.
  void add_own(const Preferences::OwnRules& own) {
    auto& scratch = scratch_.of_recipients;
    if (!scratch) scratch = std::make_unique<ScanScratch>();
    Steps steps(*own.rules, message_.input(), *scratch);
    steps.run();
    for (const auto& [here, there] : own.borrowed) scratch->values[here] = scratch_.values[there];
    const auto found = steps.finish();
    for (const auto& hit : found.hits) {
      const auto at =
          std::ranges::lower_bound(own.rules->rules(), hit.name, {}, &CompiledRule::name);
      const auto number = static_cast<std::uint32_t>(at - own.rules->rules().begin());
      if (std::ranges::binary_search(own.borrowed, number, {},
                                     &Preferences::OwnRules::Borrowed::here))
        continue;
      result_.score += hit.score;
      result_.hits.insert(std::ranges::lower_bound(result_.hits, hit.name, {}, &Hit::name), hit);
    }
  }

  /// With the lists of a recipient, on a view of the message that knows no others.
  void ask_lists(const Preferences& preferences) {
    auto& settings = scratch_.own_settings;
    if (!settings || scratch_.own_settings_of != set_.shared_from_this()) {
      settings = std::make_unique<RuleSettings>(set_.settings());
      scratch_.own_settings_of = set_.shared_from_this();
    }
    settings->lists = set_.settings().lists;
    apply_lists(preferences, *settings);
    ScannedMessage message(message_.input(), *settings, scratch_.matcher);
    for (const auto number : set_.of(RuleType::header_eval)) {
      const auto& rule = set_.rules()[number];
      if (asks_lists(rule.written)) scratch_.values[number] = as_hits(rule.eval(message));
    }
  }

  static bool asks_lists(std::string_view call) {
    constexpr std::array<std::string_view, 7> signs{
        "welcomelist", "whitelist", "blocklist", "blacklist", "in_list", "more_spam", "all_spam"};
    return std::ranges::any_of(signs, [call](auto sign) { return call.find(sign) != call.npos; });
  }

  /// What rules look at is not charged to the rule that looks first.
  void make_views() {
    message_.relays();
    message_.body();
    message_.rawbody();
    message_.uris();
  }

  /// dns_block_rule: the rule means that its list will not answer us.
  void close_zones(const std::string& rule) const {
    const auto& lookups = set_.settings().lookups;
    const auto found = lookups.blocking.find(rule);
    if (found == lookups.blocking.end()) return;
    const auto wait = std::chrono::duration_cast<std::chrono::steady_clock::duration>(
        std::chrono::duration<double>(lookups.block_time));
    set_.closed_zones().close(found->second, std::chrono::steady_clock::now() + wait);
  }

  // ---- patterns, looked for together ----

  using LeftOut = std::function<bool(std::uint32_t)>;
  LeftOut disabled() const {
    return [this](std::uint32_t number) { return set_.disabled(number); };
  }

  /// Looks for the patterns of `index` in `subjects` and counts what matches. Rules that passed
  /// their limit are left in found.limited for the caller.
  void count(const PatternIndex& index, std::span<const std::string_view> subjects,
             const LeftOut& left_out) {
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
    for (const auto& group : set_.headers())
      header_group(group, message_.headers().get(group.source));
  }

  void header_group(const HeaderGroup& group, const std::optional<std::string>& value) {
    if (!value) {
      for (const auto number : group.in_nothing) scratch_.values[number] = !set_.disabled(number);
      special_headers(group, false);
      return;
    }
    const std::string_view subject = *value;
    count(group.index, std::span(&subject, 1), disabled());
    special_headers(group, true);
    for (const auto number : scratch_.found.limited) limit(number);
  }

  void special_headers(const HeaderGroup& group, bool present) {
    for (const auto number : group.special) {
      const auto& rule = set_.rules()[number];
      auto& counted = scratch_.values[number];
      if (rule.exists) {
        counted = present;
        continue;
      }
      if (set_.disabled(number)) continue;
      if (!present && rule.unset && !unset_header(number)) continue;
      if (rule.negated) counted = counted == 0;
    }
  }

  /// Without the field a pattern is tried on what [if-unset] says. False: it passed its limit.
  bool unset_header(std::uint32_t number) {
    const auto& rule = set_.rules()[number];
    const auto outcome = rule.pattern->matches(*rule.unset, scratch_.matcher);
    if (outcome == Regex::Outcome::limit) limit(number);
    if (outcome == Regex::Outcome::match) scratch_.values[number] = 1;
    return outcome != Regex::Outcome::limit;
  }

  void text_rules() {
    body_rules();
    text_class(RuleType::uri, message_.uris().unique(), disabled());
    text_class(RuleType::rawbody, message_.rawbody(), disabled());
    const auto octets = message_.octets();
    count_texts(RuleType::full, std::span(&octets, 1), disabled());
  }

  void body_rules() {
    const auto* const before = message_.body_before_changes();
    if (before == nullptr) return text_class(RuleType::body, message_.body(), disabled());
    const auto early = [this](std::uint32_t number) {
      return set_.rules()[number].priority < set_.body_changes_at();
    };
    text_class(RuleType::body, *before, [this, early](std::uint32_t number) {
      return set_.disabled(number) || !early(number);
    });
    text_class(RuleType::body, message_.body(), [this, early](std::uint32_t number) {
      return set_.disabled(number) || early(number);
    });
  }

  void text_class(RuleType type, const std::vector<std::string>& texts, const LeftOut& left_out) {
    scratch_.subjects.assign(texts.begin(), texts.end());
    count_texts(type, scratch_.subjects, left_out);
  }

  void count_texts(RuleType type, std::span<const std::string_view> subjects,
                   const LeftOut& left_out) {
    count(set_.index(type), subjects, left_out);
    for (const auto number : scratch_.found.limited) limit(number);
  }

  // ---- patterns that run alone ----

  /// Counts matches in one subject, up to `bound` in all; false when there is no need to look at
  /// more subjects.
  bool count_in(std::uint32_t number, const Regex& pattern, std::string_view subject,
                unsigned bound) {
    auto& counted = scratch_.values[number];
    Regex::Span found;
    bool after_empty = false;
    while (found.to <= subject.size()) {
      const auto outcome = pattern.find(subject, found.to, after_empty, scratch_.matcher, found);
      if (outcome == Regex::Outcome::none) return true;
      if (outcome == Regex::Outcome::limit) return limit(number), false;
      if (++counted >= bound) return false;
      after_empty = found.empty();
    }
    return true;
  }

  /// The texts that a rule looks at; header rules one at most.
  std::span<const std::string_view> subjects_of(const CompiledRule& rule) {
    auto& subjects = scratch_.subjects;
    subjects.clear();
    const auto take = [&](const std::vector<std::string>& texts) {
      subjects.assign(texts.begin(), texts.end());
    };
    if (rule.type == RuleType::header) {
      const auto& value = message_.headers().get(rule.header);
      room_ = value ? *value : rule.unset.value_or("");
      subjects.push_back(room_);
    } else if (rule.type == RuleType::body) {
      take(message_.body());
    } else if (rule.type == RuleType::uri) {
      take(message_.uris().unique());
    } else if (rule.type == RuleType::rawbody) {
      take(message_.rawbody());
    } else if (rule.type == RuleType::full) {
      subjects.push_back(message_.octets());
    }
    return std::span<const std::string_view>(subjects).subspan(
        rule.flags.no_subject && rule.type == RuleType::body ? 1 : 0);
  }

  void lone_rule(std::uint32_t number, const Regex& pattern) {
    if (set_.disabled(number)) return;
    const auto& rule = set_.rules()[number];
    if (rule.type == RuleType::mime_header) return mime_header_rule(number, pattern);
    const CostWatch watch(scratch_.costs, number);
    const unsigned bound = rule.negated ? 1 : most_matches(rule.flags);
    for (const auto subject : subjects_of(rule)) {
      if (!count_in(number, pattern, subject, bound)) break;
    }
    if (rule.negated) scratch_.values[number] = scratch_.values[number] == 0;
  }

  // ---- named captures ----

  void capture_rule(std::uint32_t number) {
    const auto& rule = set_.rules()[number];
    lone_rule(number, *rule.pattern);
    if (scratch_.values[number] == 0 || rule.negated) return;
    auto left = static_cast<std::size_t>(scratch_.values[number]);
    for (const auto subject : subjects_of(rule)) {
      const auto matches = rule.pattern->named_groups(subject, left, scratch_.matcher);
      left -= std::min(left, matches.size());
      for (const auto& groups : matches) keep_captures(groups);
      if (left == 0) return;
    }
  }

  void keep_captures(const std::vector<Regex::NamedGroup>& groups) {
    for (const auto& group : groups) {
      if (!is_capture_name(group.name)) continue;
      auto& values = captures_[group.name];
      if (values.size() < most_captured && std::ranges::find(values, group.text) == values.end())
        values.push_back(group.text);
    }
  }

  void template_rule(std::uint32_t number) {
    const auto& rule = set_.rules()[number];
    const bool ready = std::ranges::all_of(
        rule.templates, [this](const auto& name) { return captures_.contains(name); });
    if (!ready) return;
    const auto pattern = Regex::compile(with_values(rule.written, captures_));
    if (pattern) lone_rule(number, *pattern);
  }

  // ---- evals and what plugins add ----

  void evals(std::initializer_list<RuleType> types) {
    for (const auto type : types) {
      for (const auto number : set_.of(type)) {
        const CostWatch watch(scratch_.costs, number);
        const double value = set_.rules()[number].eval(message_);
        scratch_.values[number] = as_hits(value);
      }
    }
  }

  void plugin_rules() {
    for (const auto number : set_.of(RuleType::mime_header))
      mime_header_rule(number, *set_.rules()[number].pattern);
    for (const auto number : set_.of(RuleType::uri_detail)) uri_detail_rule(number);
  }

  void uri_detail_rule(std::uint32_t number) {
    if (set_.disabled(number)) return;
    const CostWatch watch(scratch_.costs, number);
    const auto outcome = set_.rules()[number].uri->matches(message_.uris(), scratch_.matcher);
    if (outcome == Regex::Outcome::limit) limit(number);
    if (outcome == Regex::Outcome::match) scratch_.values[number] = 1;
  }

  /// The first part that matches decides; with `multiple` its matches are counted. With !~ the rule
  /// hits whatever matches: MIMEHeader.pm of 4.0.1 leaves its loop before a match is counted.
  void mime_header_rule(std::uint32_t number, const Regex& pattern) {
    if (set_.disabled(number)) return;
    const CostWatch watch(scratch_.costs, number);
    const auto& rule = set_.rules()[number];
    if (rule.negated) {
      scratch_.values[number] = 1;
      return;
    }
    const unsigned bound =
        rule.flags.multiple ? std::min(most_matches(rule.flags), most_hits_of_a_part) : 1;
    const MimeHeaderQuery query{.source = rule.mime,
                                .range = rule.flags.parts,
                                .concat = rule.flags.concat,
                                .if_unset = rule.unset.value_or("")};
    for (const auto& value : mime_header_values(message_.parts(), query)) {
      count_in(number, pattern, value, bound);
      if (scratch_.values[number] > 0) break;
    }
  }

  // ---- metas and the sum ----

  /// Any value but 0 is a hit, and hits only ever add: a negative one counts as 1.
  static double as_hits(double value) { return value > 0 || value == 0 ? value : 1; }

  void metas() {
    const auto& operands = set_.meta_operands();
    auto& values = scratch_.values;
    for (const auto& meta : set_.metas()) {
      bool rests = scratch_.costs == nullptr;
      for (auto i = meta.first; rests && i < meta.last; ++i) rests = values[operands[i]] == 0;
      values[meta.rule] =
          rests && !is_off(meta.rule) ? as_hits(meta.at_rest) : meta_value(meta.rule);
    }
  }

  /// By a recipient's preferences; what the site switched off is in no class.
  bool is_off(std::uint32_t number) const {
    if (preferences_ == nullptr) return false;
    const double* const score = preferences_->score_of(number);
    return score != nullptr && *score == 0;
  }

  double meta_value(std::uint32_t number) {
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

  void collect() {
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

  /// The hit that tells that not all rules had run; a rule of that name describes it.
  void collect_shortcut(const Shortcut& shortcut) {
    Hit hit{.name = shortcut_name, .score = shortcut.score};
    const auto rule =
        std::ranges::lower_bound(set_.rules(), shortcut_name, {}, &CompiledRule::name);
    if (rule != set_.rules().end() && rule->name == shortcut_name)
      hit.description = rule->description;
    result_.hits.insert(std::ranges::lower_bound(result_.hits, shortcut_name, {}, &Hit::name), hit);
    result_.score += shortcut.score;
  }

  const RuleSet& set_;
  ScanScratch& scratch_;
  ScannedMessage message_;
  std::optional<NetworkScan> network_;  // made where someone can ask
  Captures captures_;
  std::string room_;  // a header's value for subjects_of()
  ScanResult result_;
  const Preferences* preferences_ = nullptr;  // while a result is made for a recipient
  std::vector<double> before_metas_;          // what was found, for the results of recipients
  AutolearnDecision autolearn_;
};

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
