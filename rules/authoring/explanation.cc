#include "rules/authoring/explanation.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "rules/authoring/subjects.h"
#include "rules/language/capture_template.h"

namespace postern {
namespace {

constexpr std::size_t most_places = 20;
constexpr std::size_t most_text = 1000;
constexpr std::size_t most_around = 24;

constexpr std::array<std::string_view, 14> type_names{
    "header", "header eval", "header eval (DNS)", "body", "body eval", "mimeheader", "uri_detail",
    "uri",    "rawbody",     "rawbody eval",      "full", "full eval", "meta",       "network"};

std::string_view name_of(RuleType type) { return type_names.at(static_cast<std::size_t>(type)); }

bool is_eval(RuleType type) { return name_of(type).find(" eval") != std::string_view::npos; }

class Explainer {
 public:
  Explainer(const RuleSet& rules, const ScanInput& input, const Scanning& scanning)
      : rules_(rules), costs_(rules.rules().size()) {
    scratch_.costs = &costs_;
    result_ = scanning(rules, input, scratch_);
    values_ = scratch_.values;
    message_.emplace(input, rules.settings(), scratch_.matcher);
    subjects_.emplace(*message_);
    for (const auto number : rules.captures()) capture(rules.rules()[number]);
  }

  Explanation run(const std::string& asked) {
    out_.score = result_.score;
    out_.required_score = result_.required_score;
    out_.asked = asked;
    auto hits = result_.hits;
    std::ranges::sort(hits, {}, [](const Hit& hit) { return std::pair(-hit.score, hit.name); });
    told_.resize(rules_.rules().size());
    for (const auto& hit : hits) {
      out_.waterfall.emplace_back(hit.name);
      tell(number_of(hit.name));
    }
    if (!asked.empty()) tell_asked(asked);
    while (!waiting_.empty()) {
      const auto number = waiting_.back();
      waiting_.pop_back();
      out_.stories.push_back(story(number));
    }
    std::ranges::sort(out_.stories, {}, &RuleStory::name);
    return std::move(out_);
  }

 private:
  std::uint32_t number_of(std::string_view name) const {
    const auto found = std::ranges::lower_bound(rules_.rules(), name, {}, &CompiledRule::name);
    if (found == rules_.rules().end() || found->name != name)
      return static_cast<std::uint32_t>(rules_.nothing());
    return static_cast<std::uint32_t>(found - rules_.rules().begin());
  }

  void tell(std::uint32_t number) {
    if (number >= told_.size() || told_[number]) return;
    told_[number] = true;
    waiting_.push_back(number);
  }

  RuleStory story(std::uint32_t number) {
    const auto& rule = rules_.rules()[number];
    RuleStory out{.name = rule.name,
                  .type = std::string(name_of(rule.type)),
                  .where = rule.where,
                  .written = rule.written,
                  .description = rule.description,
                  .value = values_[number],
                  .unit_score = rule.score,
                  .microseconds = costs_[number] / 1000};
    if (const auto hit = std::ranges::find(result_.hits, rule.name, &Hit::name);
        hit != result_.hits.end())
      out.score = hit->score;
    if (rule.type == RuleType::meta) out.operands = operands(rule, out.value != 0);
    if (out.value != 0) out.places = rule.negated ? unmatched(rule) : places(rule);
    if (rule.name != out_.asked) return out;
    out.seen = seen(rule);
    if (out.value == 0) out.why_not = why_not(number, out);
    return out;
  }

  // ---- where it matched ----

  void capture(const CompiledRule& rule) {
    for (const auto& subject : subjects_->of(rule)) {
      for (const auto& groups :
           rule.pattern->named_groups(subject.text, most_places, scratch_.matcher)) {
        for (const auto& group : groups) {
          if (is_capture_name(group.name)) captures_[group.name].push_back(group.text);
        }
      }
    }
  }

  /// The pattern with the values of this message in it; nothing where one is missing.
  std::shared_ptr<const Regex> pattern_of(const CompiledRule& rule) const {
    if (rule.templates.empty()) return rule.pattern;
    for (const auto& name : rule.templates) {
      if (!captures_.contains(name)) return nullptr;
    }
    auto pattern = Regex::compile(with_values(rule.written, captures_));
    return pattern ? std::make_shared<Regex>(*std::move(pattern)) : nullptr;
  }

  std::vector<Place> places(const CompiledRule& rule) {
    std::vector<Place> out;
    const auto pattern = pattern_of(rule);
    if (rule.exists) {
      for (const auto& subject : subjects_->of(rule))
        out.push_back(place(subject, {0, subject.text.size()}));
    }
    if (!pattern) return out;
    const auto most = std::min<std::size_t>(most_places, most_matches(rule.flags));
    bool subject_counts = !(rule.flags.no_subject && rule.type == RuleType::body);
    for (const auto& subject : subjects_->of(rule)) {
      if (subject_counts) add_places(subject, *pattern, most, out);
      subject_counts = true;
      if (out.size() >= most) break;
    }
    return out;
  }

  /// A rule with !~ hits for all of what it saw.
  std::vector<Place> unmatched(const CompiledRule& rule) {
    std::vector<Place> out;
    for (const auto& subject : subjects_->of(rule)) {
      out.push_back(place(subject, {0, subject.text.size()}));
      out.back().label += " (no match)";
      if (out.size() == most_places) break;
    }
    return out;
  }

  void add_places(const Subject& subject, const Regex& pattern, std::size_t most,
                  std::vector<Place>& out) {
    Regex::Span found;
    bool after_empty = false;
    while (out.size() < most && found.to <= subject.text.size() &&
           pattern.find(subject.text, found.to, after_empty, scratch_.matcher, found) ==
               Regex::Outcome::match) {
      out.push_back(place(subject, found));
      after_empty = found.empty();
    }
  }

  static Place place(const Subject& subject, Regex::Span span) {
    const auto before = std::min(span.from, most_around);
    return {.label = subject.label,
            .part = subject.part,
            .from = span.from,
            .to = span.to,
            .before = std::string(subject.text.substr(span.from - before, before)),
            .text = std::string(
                subject.text.substr(span.from, std::min(span.to - span.from, most_text))),
            .after = std::string(subject.text.substr(span.to, most_around))};
  }

  // ---- metas ----

  std::vector<Operand> operands(const CompiledRule& rule, bool hit) {
    std::vector<double> values;
    for (const auto operand : rule.operands) values.push_back(values_[operand]);
    std::vector<Operand> out;
    for (std::size_t i = 0; i < rule.operands.size(); ++i) {
      const auto& name = rule.expression.names()[i];
      Operand operand{.name = name, .value = values[i]};
      if (rule.operands[i] == rules_.nothing()) operand.remark = absence(name);
      values[i] = operand.value == 0 ? 1 : 0;
      operand.decides = (rule.expression.evaluate(values, scratch_.stack) != 0) != hit;
      values[i] = operand.value;
      out.push_back(std::move(operand));
      tell(rule.operands[i]);
    }
    return out;
  }

  /// Why no rule of that name takes part.
  std::string absence(const std::string& name) const {
    for (const auto cause : {Idle::Cause::scored_zero, Idle::Cause::condition}) {
      const auto idle = std::ranges::find_if(rules_.idle(), [&](const Idle& each) {
        return each.rule == name && each.cause == cause;
      });
      if (idle == rules_.idle().end()) continue;
      if (cause == Idle::Cause::scored_zero)
        return idle->by_where.empty() ? "its score is 0" : "scored 0 at " + idle->by_where;
      return fmt::format("it stands at {} in a branch that does not count{}", idle->where,
                         idle->by_where.empty() ? "" : ": " + idle->by_where);
    }
    return "no rule is called that";
  }

  // ---- the rule asked for ----

  void tell_asked(const std::string& name) {
    const auto number = number_of(name);
    if (number != rules_.nothing()) return tell(number);
    RuleStory none;
    none.name = name;
    none.type = "none";
    none.why_not = absence(name);
    out_.stories.push_back(std::move(none));
  }

  std::vector<SeenText> seen(const CompiledRule& rule) {
    std::vector<SeenText> out;
    for (const auto& subject : subjects_->of(rule)) {
      out.push_back({subject.label, subject.part, subject.text.size(),
                     std::string(subject.text.substr(0, most_text))});
    }
    if (rule.type == RuleType::uri_detail) {
      for (const auto& uri : message_->uris().detailed())
        out.push_back({"uri", "", uri.raw.size(), uri.raw.substr(0, most_text)});
    }
    return out;
  }

  std::string why_not(std::uint32_t number, const RuleStory& story) const {
    const auto& rule = rules_.rules()[number];
    if (std::ranges::find(result_.limited, rule.name) != result_.limited.end())
      return "its expression passed the limit of steps on this message: rewrite it";
    if (rules_.disabled(number)) return "it was switched off for passing its limit too often";
    if (rule.type == RuleType::meta) return why_no_meta(rule, story);
    if (rule.type == RuleType::empty || rule.type == RuleType::dns_eval)
      return "only an answer from the network makes it hit, and this scan asks nobody";
    if (is_eval(rule.type)) {
      return rule.eval ? "the function returned 0 for this message"
                       : "its function asks the network, learns, or is not in this engine: not run";
    }
    if (!rule.templates.empty() && !pattern_of(rule)) return "nothing was captured for its %{NAME}";
    if (rule.exists) return "the message has no such field";
    if (story.seen.empty()) return "the message has no text for it";
    if (rule.negated) return "the expression matches, and !~ wants that it does not";
    return "the expression matches nowhere in what the rule saw";
  }

  std::string why_no_meta(const CompiledRule& rule, const RuleStory& story) const {
    const auto& metas = rules_.of(RuleType::meta);
    const auto number = static_cast<std::uint32_t>(&rule - rules_.rules().data());
    if (std::ranges::find(metas, number) == metas.end())
      return "it waits for a meta that is scored 0, or for itself: it never hits";
    std::string out;
    for (const auto& operand : story.operands) {
      if (!operand.decides) continue;
      out += fmt::format("{}{}{}", out.empty() ? "it would hit " : ", or ",
                         operand.value == 0 ? "with " : "without ", operand.name);
    }
    return out.empty() ? "its expression is 0; no single operand would change that" : out;
  }

  const RuleSet& rules_;
  RuleCosts costs_;
  ScanScratch scratch_;
  ScanResult result_;
  std::vector<double> values_;
  std::optional<ScannedMessage> message_;
  std::optional<Subjects> subjects_;
  Captures captures_;
  std::vector<bool> told_;
  std::vector<std::uint32_t> waiting_;
  Explanation out_;
};

}  // namespace

const RuleStory* Explanation::story(std::string_view name) const {
  const auto found = std::ranges::find(stories, name, &RuleStory::name);
  return found == stories.end() ? nullptr : &*found;
}

Explanation explain(const RuleSet& rules, const ScanInput& input, const std::string& asked,
                    const Scanning& scanning) {
  return Explainer(rules, input, scanning).run(asked);
}

}  // namespace postern
