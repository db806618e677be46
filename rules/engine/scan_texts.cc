#include <algorithm>

#include "rules/engine/scan_steps.h"

namespace postern {

MessageScan::Steps::LeftOut MessageScan::Steps::disabled() const {
  return [this](std::uint32_t number) { return set_.disabled(number); };
}

void MessageScan::Steps::count(const PatternIndex& index,
                               std::span<const std::string_view> subjects,
                               const LeftOut& left_out) {
  auto& found = scratch_.found;
  found.matches.clear();
  found.limited.clear();
  index.scan(subjects, scratch_.matcher, scratch_.patterns, left_out, found);
  for (const auto& match : found.matches) ++scratch_.values[match.rule];
}

void MessageScan::Steps::limit(std::uint32_t number) {
  const auto& name = set_.rules()[number].name;
  scratch_.values[number] = 0;
  result_.limited.push_back(name);
  if (set_.limit_hit(number)) result_.disabled.push_back(name);
}

void MessageScan::Steps::header_rules() {
  for (const auto& group : set_.headers())
    header_group(group, message_.headers().get(group.source));
}

void MessageScan::Steps::header_group(const HeaderGroup& group,
                                      const std::optional<std::string>& value) {
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

void MessageScan::Steps::special_headers(const HeaderGroup& group, bool present) {
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

bool MessageScan::Steps::unset_header(std::uint32_t number) {
  const auto& rule = set_.rules()[number];
  const auto outcome = rule.pattern->matches(*rule.unset, scratch_.matcher);
  if (outcome == Regex::Outcome::limit) limit(number);
  if (outcome == Regex::Outcome::match) scratch_.values[number] = 1;
  return outcome != Regex::Outcome::limit;
}

void MessageScan::Steps::text_rules() {
  body_rules();
  text_class(RuleType::uri, message_.uris().unique(), disabled());
  text_class(RuleType::rawbody, message_.rawbody(), disabled());
  const auto octets = message_.octets();
  count_texts(RuleType::full, std::span(&octets, 1), disabled());
}

void MessageScan::Steps::body_rules() {
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

void MessageScan::Steps::text_class(RuleType type, const std::vector<std::string>& texts,
                                    const LeftOut& left_out) {
  scratch_.subjects.assign(texts.begin(), texts.end());
  count_texts(type, scratch_.subjects, left_out);
}

void MessageScan::Steps::count_texts(RuleType type, std::span<const std::string_view> subjects,
                                     const LeftOut& left_out) {
  count(set_.index(type), subjects, left_out);
  for (const auto number : scratch_.found.limited) limit(number);
}

}  // namespace postern
