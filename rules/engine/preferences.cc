#include "rules/engine/preferences.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "gateway/base/bytes.h"
#include "rules/engine/rule_set.h"
#include "rules/language/line.h"
#include "rules/language/parser.h"
#include "rules/language/settings_table.h"

namespace postern {
namespace {

constexpr std::size_t largest_file = 64 * 1024;
constexpr std::size_t most_rules = 100;

enum class Kind : std::uint8_t { score, report, lists, rules };
struct Allowed {
  std::string_view key;
  Kind kind;
};
constexpr std::array allowed{
    Allowed{"score", Kind::score},          Allowed{"required_score", Kind::report},
    Allowed{"required_hits", Kind::report}, Allowed{"rewrite_header", Kind::report},
    Allowed{"add_header", Kind::report},    Allowed{"remove_header", Kind::report},
    Allowed{"clear_headers", Kind::report}, Allowed{"report_safe", Kind::report},
};

/// Whom a rule may name as sender or recipient: "unwelcomelist_from_rcvd", "all_spam_to".
bool is_list(std::string_view key) {
  if (key.starts_with("un")) key.remove_prefix(2);
  if (key.starts_with("def_")) key.remove_prefix(4);
  constexpr std::array families{"welcomelist_", "whitelist_", "blocklist_", "blacklist_"};
  const bool family =
      std::ranges::any_of(families, [key](auto name) { return key.starts_with(name); });
  return (family && key.find("_uri") == std::string_view::npos) || key == "more_spam_to" ||
         key == "all_spam_to";
}

std::optional<Kind> kind_of(std::string_view key) {
  if (is_list(key)) return Kind::lists;
  const auto found = std::ranges::find(allowed, key, &Allowed::key);
  if (found != allowed.end()) return found->kind;
  const bool of_a_name = key == "describe" || key == "tflags" || key == "priority";
  const auto makers = rule_directives();
  const bool rule = std::ranges::find(makers, key, &Directive::key) != makers.end();
  return rule || of_a_name ? std::optional(Kind::rules) : std::nullopt;
}

const CompiledRule* find_rule(const RuleSet& set, std::string_view name) {
  const auto found = std::ranges::lower_bound(set.rules(), name, {}, &CompiledRule::name);
  return found == set.rules().end() || found->name != name ? nullptr : &*found;
}

Result<std::string> no_files(const std::string&) {
  return fail(std::errc::operation_not_permitted, "preferences include no other files");
}

/// Reads the lines of one file, and puts apart what each kind of them means.
class Reader {
 public:
  Reader(const RuleSet& set, Diagnosis& diagnosis) : set_(set), diagnosis_(diagnosis) {
    definitions_.settings.report = set.settings().report;
  }

  Preferences read(std::string text, const std::string& name) {
    ParseOptions options;
    options.admits = [this](const Statement& statement) { return admits(statement); };
    parse_rules(std::move(text), name, no_files, options, definitions_, diagnosis_);
    take_rules();
    take_scores();
    const auto& report = definitions_.settings.report;
    if (required_) out_.required_score = report.required_score;
    if (safe_) out_.report_safe = report.safe;
    if (marks_) out_.report = std::make_shared<const ReportSettings>(report);
    return std::move(out_);
  }

 private:
  bool admits(const Statement& statement) {
    const auto kind = kind_of(statement.key);
    if (!kind) {
      diagnosis_.problems.push_back(statement.problem(
          statement.written,
          fmt::format("\"{}\" is not for recipients: they may say score, required_score, "
                      "report_safe, rewrite_header, add_header, remove_header, clear_headers, and "
                      "welcomelist_from, blocklist_from and their kin",
                      printable(statement.written, 60))));
      return false;
    }
    if (*kind == Kind::rules && !set_.user_rules()) {
      diagnosis_.problems.push_back(statement.problem(
          statement.written,
          "a recipient has no rules of its own here: take the line away, or write "
          "allow_user_rules 1 into the site's rule files"));
      return false;
    }
    if (*kind == Kind::score) know_score_of(statement);
    if (*kind == Kind::lists) {
      if (const auto* const directive = find_setting(statement.key))
        out_.lists.push_back({directive, std::string(statement.arguments)});
    }
    if (*kind == Kind::report) {
      const bool required = statement.key.starts_with("required_");
      required_ = required_ || required;
      safe_ = safe_ || statement.key == "report_safe";
      marks_ = marks_ || !required;
    }
    return true;
  }

  /// "score NAME (1.5)" is added to the site's score.
  void know_score_of(const Statement& statement) {
    auto rest = statement.arguments;
    const auto name = take_word(rest);
    const auto* const rule = find_rule(set_, name);
    if (rule == nullptr || definitions_.scores.contains(name)) return;
    definitions_.scores.emplace(std::string(name), Scores{rule->scores, ""});
  }

  /// Rules become a set of their own; names of the site's rules in metas are borrowed.
  void take_rules() {
    if (definitions_.rules.empty()) return;
    Definitions own;
    own.settings = set_.settings();
    for (auto& [name, definition] : definitions_.rules) {
      if (find_rule(set_, name) != nullptr) {
        diagnosis_.problems.push_back(
            {definition.where, fmt::format("the site has a rule {}: call yours otherwise", name)});
      } else if (own.rules.size() == most_rules) {
        diagnosis_.problems.push_back(
            {definition.where, fmt::format("more than {} rules of one recipient", most_rules)});
        break;
      } else {
        own.rules.emplace(name, std::move(definition));
      }
    }
    if (own.rules.empty()) return;
    for (const auto& [name, scores] : definitions_.scores)
      if (own.rules.contains(name)) own.scores.emplace(name, scores);
    own.descriptions = definitions_.descriptions;
    own.flags = definitions_.flags;
    own.priorities = definitions_.priorities;
    const auto names = borrow(own);
    // Nobody's questions to the network but the site's: bit 0 is not set.
    auto compiled = std::make_shared<Preferences::OwnRules>();
    compiled->rules = compile_rules(std::move(own), set_.score_set() & 2U, diagnosis_);
    for (const auto& name : names) {
      compiled->borrowed.push_back({number_of(*compiled->rules, name), number_of(set_, name)});
    }
    std::ranges::sort(compiled->borrowed, {}, &Preferences::OwnRules::Borrowed::here);
    out_.own = std::move(compiled);
  }

  static std::uint32_t number_of(const RuleSet& set, std::string_view name) {
    return static_cast<std::uint32_t>(find_rule(set, name) - set.rules().data());
  }

  /// Adds an empty rule for each name of the site's that a meta asks for.
  std::vector<std::string> borrow(Definitions& own) const {
    std::vector<std::string> names;
    for (const auto& [name, definition] : own.rules) {
      if (definition.type != RuleType::meta) continue;
      for (const auto& operand : definition.expression.names()) {
        const bool known = own.rules.contains(operand) || find_rule(set_, operand) == nullptr;
        if (!known && std::ranges::find(names, operand) == names.end()) names.push_back(operand);
      }
    }
    Definition empty;
    empty.type = RuleType::empty;
    for (const auto& name : names) own.rules.emplace(name, empty);
    return names;
  }

  void take_scores() {
    const std::size_t score_set = (set_.is_local() ? 0U : 1U) | (set_.has_bayes() ? 2U : 0U);
    for (const auto& [name, scores] : definitions_.scores) {
      if (scores.where.empty()) continue;  // only known for a line that could not be read
      const auto* const rule = find_rule(set_, name);
      if (rule == nullptr && definitions_.rules.contains(name)) continue;  // the recipient's own
      if (rule == nullptr) {
        diagnosis_.remarks.push_back(
            {scores.where, fmt::format("the site has no rule {}, or has switched it off: this score"
                                       " has no effect",
                                       printable(name, 60))});
        continue;
      }
      out_.scores.push_back(
          {static_cast<std::uint32_t>(rule - set_.rules().data()), scores.sets.at(score_set)});
    }
    std::ranges::sort(out_.scores, {}, &Preferences::RuleScore::rule);
  }

  const RuleSet& set_;
  Diagnosis& diagnosis_;
  Definitions definitions_;
  Preferences out_;
  bool required_ = false;
  bool safe_ = false;
  bool marks_ = false;
};

}  // namespace

const double* Preferences::score_of(std::uint32_t rule) const {
  const auto found = std::ranges::lower_bound(scores, rule, {}, &RuleScore::rule);
  return found == scores.end() || found->rule != rule ? nullptr : &found->score;
}

Preferences read_preferences(std::string text, const std::string& name, const RuleSet& rules,
                             Diagnosis& diagnosis) {
  if (text.size() > largest_file) {
    diagnosis.problems.push_back(
        {name + ":1:1", fmt::format("preferences of more than {} octets", largest_file)});
    return {};
  }
  return Reader(rules, diagnosis).read(std::move(text), name);
}

void apply_lists(const Preferences& preferences, RuleSettings& settings) {
  Diagnosis unread;  // it was read when the file was loaded
  for (const auto& [directive, arguments] : preferences.lists) {
    const Statement statement{"preferences", 0,    arguments, std::string(directive->key), {},
                              arguments,     false};
    SettingLine line{statement, arguments, unread};
    directive->apply(line, settings);
  }
}

const Preferences* PreferenceFolder::find(std::string_view address) const {
  if (files_.empty()) return nullptr;
  const auto whole = to_lower(address);
  const auto at = whole.rfind('@');
  if (at == std::string::npos) return nullptr;
  const auto extension = std::min(whole.find('+'), at);
  const auto base = whole.substr(0, extension > 0 ? extension : at) + whole.substr(at);
  for (const auto& name : {whole, base, whole.substr(at + 1)}) {
    if (const auto found = files_.find(name); found != files_.end()) return &found->second;
  }
  return nullptr;
}

}  // namespace postern
