#include "rules/engine/scan_layout.h"

#include <algorithm>
#include <array>
#include <map>

namespace postern {
namespace {

// `multiple` without maxhits: more matches than this tell no rule anything new.
constexpr unsigned most_hits_of_a_rule = 10'000;

// A message is its longest text: for fewer rules than this over it, looking for their windows takes
// longer than looking for them.
constexpr std::size_t least_full_rules = 10;

/// Whether a call looks into the lists that a recipient may have of its own.
bool asks_lists(std::string_view call) {
  constexpr std::array<std::string_view, 7> signs{
      "welcomelist", "whitelist", "blocklist", "blacklist", "in_list", "more_spam", "all_spam"};
  return std::ranges::any_of(signs, [call](auto sign) { return call.find(sign) != call.npos; });
}

}  // namespace

bool is_eval(RuleType type) {
  return type == RuleType::header_eval || type == RuleType::body_eval ||
         type == RuleType::rawbody_eval || type == RuleType::full_eval;
}

bool counts_matches(RuleType type) {
  return type == RuleType::header || type == RuleType::body || type == RuleType::rawbody ||
         type == RuleType::uri || type == RuleType::full || type == RuleType::mime_header;
}

unsigned most_matches(const RuleFlags& flags) {
  if (!flags.multiple) return 1;
  return flags.most_hits > 0 ? flags.most_hits : most_hits_of_a_rule;
}

std::pair<int, std::uint32_t> turn_of(const RuleSet& rules, std::uint32_t number) {
  return {rules.rules()[number].priority, number};
}

class ScanLayout {
 public:
  explicit ScanLayout(RuleSet& out) : out_(out) {}

  void run(std::vector<std::uint32_t> metas) {
    find_body_changes();
    list_classes(std::move(metas));
    index_patterns();
    for (const auto number : out_.of(RuleType::header_eval)) {
      if (asks_lists(out_.rules_[number].written)) out_.asking_lists_.push_back(number);
    }
  }

 private:
  void find_body_changes() {
    auto& first = out_.body_changes_at_;
    for (const auto& rule : out_.rules_) {
      const bool searches = rule.written.starts_with("check_freemail_");
      if (rule.type == RuleType::header_eval && searches) first = std::min(first, rule.priority);
    }
  }

  void list_classes(std::vector<std::uint32_t> metas) {
    std::vector<std::uint32_t> numbers(out_.rules_.size());
    for (std::uint32_t i = 0; i < numbers.size(); ++i) numbers[i] = i;
    std::ranges::sort(numbers, {}, [this](std::uint32_t number) { return turn_of(out_, number); });
    std::map<HeaderSource, std::vector<std::uint32_t>> groups;
    for (const auto number : numbers) {
      const auto& rule = out_.rules_[number];
      const bool inert = is_eval(rule.type) && !rule.eval;
      if (inert || rule.type == RuleType::meta) continue;
      if (!rule.templates.empty()) {
        out_.templated_.push_back(number);
      } else if (rule.captures) {
        out_.captures_.push_back(number);
      } else if (rule.type == RuleType::header) {
        groups[rule.header].push_back(number);
      } else {
        out_.classes_[static_cast<std::size_t>(rule.type)].push_back(number);
      }
    }
    for (auto& [source, rules] : groups) add_header_group(source, std::move(rules));
    for (const auto number : metas) add_meta(number);
    out_.classes_[static_cast<std::size_t>(RuleType::meta)] = std::move(metas);
  }

  void add_header_group(const HeaderSource& source, std::vector<std::uint32_t> rules) {
    HeaderGroup group{source, std::move(rules), {}, {}, {}};
    for (const auto number : group.rules) {
      const auto& rule = out_.rules_[number];
      if (rule.exists || rule.negated || rule.unset) group.special.push_back(number);
      if (rule.exists || rule.unset) continue;
      if (rule.pattern->matches("", matcher_) == Regex::Outcome::match)
        group.in_nothing.push_back(number);
    }
    out_.headers_.push_back(std::move(group));
  }

  void add_meta(std::uint32_t number) {
    const auto& rule = out_.rules_[number];
    auto& operands = out_.meta_operands_;
    const auto first = static_cast<std::uint32_t>(operands.size());
    operands.insert(operands.end(), rule.operands.begin(), rule.operands.end());
    const auto last = static_cast<std::uint32_t>(operands.size());
    out_.metas_.push_back({.rule = number, .first = first, .last = last, .at_rest = rule.at_rest});
  }

  void index_patterns() {
    for (const auto type : {RuleType::body, RuleType::rawbody, RuleType::uri, RuleType::full}) {
      const auto place = static_cast<std::size_t>(type);
      const auto& rules = out_.classes_[place];
      const bool few = type == RuleType::full && rules.size() < least_full_rules;
      out_.indexes_[place] =
          index_of(rules, few ? PatternIndex::Filtering::off : PatternIndex::Filtering::on);
    }
    for (auto& group : out_.headers_) group.index = index_of(group.rules);
  }

  PatternIndex index_of(const std::vector<std::uint32_t>& rules,
                        PatternIndex::Filtering filtering = PatternIndex::Filtering::on) const {
    std::vector<IndexedPattern> patterns;
    for (const auto number : rules) {
      const auto& rule = out_.rules_[number];
      if (!rule.pattern) continue;
      patterns.push_back({.rule = number,
                          .regex = rule.pattern.get(),
                          .most = rule.negated ? 1 : most_matches(rule.flags),
                          .skip_first = rule.flags.no_subject});
    }
    return PatternIndex::build(patterns, filtering);
  }

  RuleSet& out_;
  Matcher matcher_;
};

void lay_out_for_scans(RuleSet& rules, std::vector<std::uint32_t> metas) {
  ScanLayout(rules).run(std::move(metas));
}

}  // namespace postern
