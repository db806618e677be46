#include "rules/authoring/lint.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "rules/patterns/complexity.h"

namespace postern {
namespace {

constexpr std::size_t longest_good_name = 40;  // SpamAssassin's own check complains above it

class Lint {
 public:
  explicit Lint(const RuleSet& rules) : rules_(rules), never_(rules.rules().size()) {}

  std::vector<Problem> run() {
    for (const auto& idle : rules_.idle()) {
      if (idle.cause == Idle::Cause::replaced) replaced(idle);
    }
    find_dead_metas();
    for (std::uint32_t number = 0; number < rules_.rules().size(); ++number) {
      const auto& rule = rules_.rules()[number];
      long_name(rule);
      if (rule.pattern && rule.templates.empty()) pattern(rule);
      if (never_[number])
        remark(rule.where_written, "{} can never be true: {}", rule.name, reasons_[number]);
    }
    return std::move(out_);
  }

 private:
  template <class... Args>
  void remark(const std::string& where, fmt::format_string<Args...> text, Args&&... args) {
    out_.push_back({where, fmt::format(text, std::forward<Args>(args)...)});
  }

  void replaced(const Idle& idle) {
    remark(idle.where, "{} is defined again at {}, and that counts: take one of them away",
           idle.rule, idle.by_where);
  }

  void long_name(const CompiledRule& rule) {
    if (rule.name.size() > longest_good_name) {
      remark(rule.where, "{} is {} characters long: stay within {}, reports are built for that",
             rule.name, rule.name.size(), longest_good_name);
    }
  }

  void pattern(const CompiledRule& rule) {
    if (const auto written = translate_pattern(rule.written)) {
      if (const auto warning = complexity_warning(*written)) {
        const auto at = rule.expanded ? 0 : warning->at;
        remark(shifted(rule.where_written, at), "{}: {}", rule.name, warning->what);
      }
    }
    // What captures for others does well to match always.
    if (rule.captures || !matches_anything(*rule.pattern)) return;
    remark(rule.where_written, "{}: the expression matches any text, the empty one too, so it {}",
           rule.name,
           rule.negated ? "never hits: say what must be missing"
                        : "says nothing: ask for at least one character");
  }

  bool matches_anything(const Regex& regex) {
    static const std::string long_text = std::string(3000, 'x') + "\n\n@ 7 y\n";
    const std::array<std::string_view, 4> probes{"", "\x01q", "Zz 9-\n", long_text};
    return std::ranges::all_of(probes, [&](std::string_view probe) {
      return regex.matches(probe, matcher_) == Regex::Outcome::match;
    });
  }

  /// "file:line:column" with `by` columns added.
  static std::string shifted(const std::string& where, std::size_t by) {
    const auto colon = where.rfind(':');
    if (colon == std::string::npos) return where;
    return fmt::format("{}:{}", where.substr(0, colon),
                       std::strtoul(where.c_str() + colon + 1, nullptr, 10) + by);
  }

  /// Metas all of whose operands are 0 in any message, and whose value is 0 then. Without operands
  /// (meta NAME 0) it is meant so. rules.of(meta) has each behind what it needs.
  void find_dead_metas() {
    reasons_.resize(rules_.rules().size());
    std::vector<bool> runs(rules_.rules().size());
    std::vector<double> stack;
    for (const auto number : rules_.of(RuleType::meta)) {
      runs[number] = true;
      const auto& rule = rules_.rules()[number];
      if (rule.operands.empty() || !std::ranges::all_of(rule.operands, [this](auto operand) {
            return operand == rules_.nothing() || is_never(operand);
          }))
        continue;
      const std::vector<double> zeros(rule.operands.size());
      never_[number] = rule.expression.evaluate(zeros, stack) == 0;
      reasons_[number] = "none of the rules it asks for exists, runs or can hit";
    }
    for (std::uint32_t number = 0; number < never_.size(); ++number) {
      if (rules_.rules()[number].type != RuleType::meta || runs[number]) continue;
      never_[number] = true;
      reasons_[number] = "it waits for a meta that is scored 0, or for itself";
    }
  }

  bool is_never(std::uint32_t operand) const { return operand < never_.size() && never_[operand]; }

  const RuleSet& rules_;
  std::vector<bool> never_;
  std::vector<std::string> reasons_;
  Matcher matcher_;
  std::vector<Problem> out_;
};

}  // namespace

std::vector<Problem> lint_rules(const RuleSet& rules) { return Lint(rules).run(); }

}  // namespace postern
