#include <algorithm>

#include "rules/engine/scan_steps.h"
#include "rules/parts/mime_header_values.h"

namespace postern {
namespace {

constexpr unsigned most_hits_of_a_part = 1000;  // mimeheader's own bound
// What one message may put into the patterns of other rules.
constexpr std::size_t most_captured = 100;

}  // namespace

bool MessageScan::Steps::count_in(std::uint32_t number, const Regex& pattern,
                                  std::string_view subject, unsigned bound) {
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

std::span<const std::string_view> MessageScan::Steps::subjects_of(const CompiledRule& rule) {
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

void MessageScan::Steps::lone_rule(std::uint32_t number, const Regex& pattern) {
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

void MessageScan::Steps::capture_rule(std::uint32_t number) {
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

void MessageScan::Steps::keep_captures(const std::vector<Regex::NamedGroup>& groups) {
  for (const auto& group : groups) {
    if (!is_capture_name(group.name)) continue;
    auto& values = captures_[group.name];
    if (values.size() < most_captured && std::ranges::find(values, group.text) == values.end())
      values.push_back(group.text);
  }
}

void MessageScan::Steps::template_rule(std::uint32_t number) {
  const auto& rule = set_.rules()[number];
  const bool ready = std::ranges::all_of(
      rule.templates, [this](const auto& name) { return captures_.contains(name); });
  if (!ready) return;
  const auto pattern = Regex::compile(with_values(rule.written, captures_));
  if (pattern) lone_rule(number, *pattern);
}

void MessageScan::Steps::evals(std::initializer_list<RuleType> types) {
  for (const auto type : types) {
    for (const auto number : set_.of(type)) {
      const CostWatch watch(scratch_.costs, number);
      const double value = set_.rules()[number].eval(message_);
      scratch_.values[number] = as_hits(value);
    }
  }
}

void MessageScan::Steps::plugin_rules() {
  for (const auto number : set_.of(RuleType::mime_header))
    mime_header_rule(number, *set_.rules()[number].pattern);
  for (const auto number : set_.of(RuleType::uri_detail)) uri_detail_rule(number);
}

void MessageScan::Steps::uri_detail_rule(std::uint32_t number) {
  if (set_.disabled(number)) return;
  const CostWatch watch(scratch_.costs, number);
  const auto outcome = set_.rules()[number].uri->matches(message_.uris(), scratch_.matcher);
  if (outcome == Regex::Outcome::limit) limit(number);
  if (outcome == Regex::Outcome::match) scratch_.values[number] = 1;
}

void MessageScan::Steps::mime_header_rule(std::uint32_t number, const Regex& pattern) {
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

}  // namespace postern
