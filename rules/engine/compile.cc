#include <algorithm>
#include <cmath>
#include <map>

#include <fmt/format.h>

#include "gateway/base/bytes.h"
#include "rules/bayes/telling_value.h"
#include "rules/engine/learning.h"
#include "rules/engine/meta_order.h"
#include "rules/engine/rule_set.h"
#include "rules/engine/scan_layout.h"
#include "rules/evals/address_globs.h"
#include "rules/headers/prepared_patterns.h"
#include "rules/language/capture_template.h"

namespace postern {

namespace {

// Where SpamAssassin runs what captures, and what asks the network, if nobody says otherwise.
constexpr int capture_priority = -10'000;
constexpr int network_priority = -100;

bool is_subrule(std::string_view name) { return name.starts_with("__"); }

bool asks_network(std::string_view function) {
  const auto names = network_evals();
  return std::ranges::find(names, function) != names.end();
}

template <class Table>
const typename Table::mapped_type* find(const Table& table, std::string_view name) {
  const auto found = table.find(name);
  return found == table.end() ? nullptr : &found->second;
}

}  // namespace

class Compiler {
 public:
  Compiler(Definitions definitions, unsigned score_set, Diagnosis& diagnosis)
      : definitions_(std::move(definitions)), score_set_(score_set & 3U), diagnosis_(diagnosis) {}

  std::shared_ptr<const RuleSet> run() {
    prepare();
    out_->score_set_ = score_set_;
    out_->user_rules_ = definitions_.user_rules;
    out_->settings_ = std::move(definitions_.settings);
    out_->samples_ = std::move(definitions_.samples);
    out_->idle_ = std::move(definitions_.idle);
    out_->rules_.reserve(definitions_.rules.size());
    // The map is sorted by name, and so are the numbers.
    for (auto& [name, definition] : definitions_.rules) add(name, definition);
    bind_metas();
    order();
    lower_priorities();
    inherit_network();
    out_->shortcircuits_ = plan_shortcircuits(out_->rules_, definitions_.shortcircuits, score_set_);
    lay_out_for_scans(*out_, std::move(metas_));
    out_->limit_hits_ = std::make_unique<std::atomic<std::uint32_t>[]>(out_->rules_.size());
    remark_on_strays();
    return out_;
  }

 private:
  /// Where messages are scanned nothing may be compiled any more, so what a scan would make at its
  /// first use is made now.
  static void prepare() {
    prepare_header_patterns();
    prepare_telling_values();
  }

  void problem(const Definition& definition, std::string what) {
    diagnosis_.problems.push_back({definition.where_written, std::move(what)});
  }

  std::array<double, 4> scores_of(const std::string& name, const RuleFlags& flags) const {
    if (const auto* const given = find(definitions_.scores, name)) return given->sets;
    const double unscored = name.starts_with("T_") ? 0.01 : 1.0;
    const double score = flags.nice ? -unscored : unscored;
    return {score, score, score, score};
  }

  /// As written; what asks the network has its own later, if nobody gave it one.
  int priority_of(const std::string& name, const Definition& definition) const {
    const auto* const given = find(definitions_.priorities, name);
    if (given != nullptr && *given != 0) return *given;
    return definition.captures ? capture_priority : 0;
  }

  void add(const std::string& name, Definition& definition) {
    RuleFlags flags;
    if (const auto* const given = find(definitions_.flags, name)) flags = *given;
    const auto scores = scores_of(name, flags);
    if (scores.at(score_set_) == 0) return idle(name, definition);

    CompiledRule rule;
    rule.name = name;
    rule.where = definition.where;
    rule.where_written = definition.where_written;
    rule.type = definition.type;
    rule.scores = scores;
    rule.subrule = is_subrule(name);
    rule.score = rule.subrule ? 0 : scores.at(score_set_);
    rule.priority = priority_of(name, definition);
    rule.flags = std::move(flags);
    rule.learning = learning_of(rule, score_set_);
    rule.exists = definition.exists;
    rule.negated = definition.negated;
    rule.unset = std::move(definition.unset);
    rule.header = std::move(definition.header);
    rule.mime = std::move(definition.mime);
    if (definition.uri) definition.uri->compile_native();
    rule.uri = std::move(definition.uri);
    if (const auto* const text = find(definitions_.descriptions, name))
      rule.description = text->text;
    compile_pattern(name, definition, rule);
    rule.written = definition.written;
    if (is_eval(rule.type)) bind_eval(definition, rule);
    if ((score_set_ & 1U) != 0) bind_lookups(definition, rule);
    numbers_[name] = static_cast<std::uint32_t>(out_->rules_.size());
    sources_.push_back(&definition);
    out_->rules_.push_back(std::move(rule));
  }

  /// Switched off: not run, and 0 in metas.
  void idle(const std::string& name, const Definition& definition) {
    const auto* const score = find(definitions_.scores, name);
    out_->idle_.push_back({.rule = name,
                           .cause = Idle::Cause::scored_zero,
                           .where = definition.where,
                           .by_where = score == nullptr ? "" : score->where});
  }

  void compile_pattern(const std::string& name, Definition& definition, CompiledRule& rule) {
    if (!definition.pattern) return;
    rule.captures = definition.captures;
    rule.templates = definition.templates;
    if (definitions_.replacements.rules.contains(name)) {
      const auto before = definition.written;
      replace_tags(definition);
      rule.expanded = definition.written != before;
    }
    // Others run in their class's index.
    const bool runs_alone = rule.captures || rule.unset || rule.type == RuleType::mime_header;
    if (runs_alone && rule.templates.empty()) definition.pattern->compile_native();
    rule.pattern = std::move(definition.pattern);
  }

  void replace_tags(Definition& definition) {
    // Modifiers go inside, as Perl prints them: between two tags something may be put.
    const auto& written = definition.written;
    const auto open = written.find_first_not_of(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");  // behind m or qr
    auto end = written.size();
    while (end > 0 && is_alpha(written[end - 1])) --end;
    const auto modifiers = written.substr(end);
    const auto inside = written.substr(open + 1, end - open - 2);
    const auto before = modifiers.empty() ? inside : "(?" + modifiers + ")" + inside;
    const auto after = definitions_.replacements.apply(before);
    if (after == before) return;
    definition.written = "m{" + after + "}";
    auto regex = Regex::compile(definition.written);
    if (!regex) {
      return problem(definition, fmt::format("with its tags replaced the expression is wrong: {}",
                                             regex.error().what));
    }
    definition.pattern = std::make_shared<Regex>(*std::move(regex));
  }

  // ---- evals ----

  void bind_eval(const Definition& definition, CompiledRule& rule) {
    const bool local = (score_set_ & 1U) == 0;
    if (rule.flags.network && local) return;
    if (rule.flags.learn && (score_set_ & 2U) == 0) return;
    const auto& call = definition.call;
    if (asks_network(call.function)) return;  // bind_lookups()
    const auto* const function = find_eval(call.function);
    if (function == nullptr) return missing(definition);
    if (!is_loaded(call.function)) return not_loaded(definition);
    if (function->network && local) return;
    const bool raw = rule.type == RuleType::rawbody_eval && function->bind_rawbody != nullptr;
    const auto bind = raw ? function->bind_rawbody : function->bind;
    auto bound = bind(call.arguments, out_->settings_);
    if (!bound) return unbound(definition, bound.error());
    rule.eval = *std::move(bound);
  }

  void unbound(const Definition& definition, const UnboundCall& call) {
    auto what = fmt::format("{}(): {}", definition.call.function, call.what);
    if (!call.legal) return problem(definition, std::move(what));
    diagnosis_.remarks.push_back(
        {definition.where_written, std::move(what) + ": the rule never hits"});
  }

  static LookupFlags lookup_flags(const RuleFlags& flags) {
    const auto has = [&flags](std::string_view word) {
      return std::ranges::find(flags.words, word) != flags.words.end();
    };
    return {.nice = flags.nice,
            .domains_only = has("domains_only"),
            .ips_only = has("ips_only"),
            .whole_host = has("notrim"),
            .of_address = has("a"),
            .of_name_server = has("ns")};
  }

  void bind_lookups(const Definition& definition, const CompiledRule& rule) {
    const auto number = static_cast<std::uint32_t>(out_->rules_.size());
    if (rule.type == RuleType::empty) {
      const auto& queries = out_->settings_.lookups.queries;
      if (const auto* const query = find(queries, rule.name))
        out_->network_.add_query(number, *query);
      return;
    }
    const auto& call = definition.call;
    if (!asks_network(call.function)) return;
    auto flags = lookup_flags(rule.flags);
    flags.raw_body = rule.type == RuleType::rawbody_eval;
    const auto added =
        out_->network_.add_call(number, rule.name, call.function, call.arguments, flags);
    if (!added) unbound(definition, added.error());
  }

  /// What changes nothing but costs time is there only after its loadplugin line.
  bool is_loaded(std::string_view function) const {
    const auto claim = eval_claim(function);
    if (!claim) return true;
    const auto plugin = fmt::format("Mail::SpamAssassin::Plugin::{}", claim->plugin);
    return plugin_claim(plugin) != PluginClaim::when_loaded ||
           definitions_.facts.loaded.contains(claim->plugin);
  }

  void not_loaded(const Definition& definition) {
    const auto& name = definition.call.function;
    diagnosis_.remarks.push_back(
        {definition.where_written,
         fmt::format("{}() wants: loadplugin Mail::SpamAssassin::Plugin::{}; the rule never hits",
                     name, eval_claim(name)->plugin)});
  }

  void missing(const Definition& definition) {
    const auto& name = definition.call.function;
    if (const auto claim = eval_claim(name)) {
      diagnosis_.remarks.push_back(
          {definition.where_written,
           fmt::format("{}() of the plugin {} is not in this engine: the rule never hits", name,
                       claim->plugin)});
      return;
    }
    const auto meant = nearest(name, eval_names());
    problem(definition,
            fmt::format("nobody knows a function {}(){}: the rule never hits", printable(name, 60),
                        meant ? fmt::format("; is {} meant?", *meant) : ""));
  }

  // ---- metas ----

  void bind_metas() {
    for (std::uint32_t number = 0; number < out_->rules_.size(); ++number) {
      auto& rule = out_->rules_[number];
      if (rule.type != RuleType::meta) continue;
      auto& definition = *sources_[number];
      if (definition.expression.has_globs()) expand_globs(rule.name, definition);
      rule.expression = std::move(definition.expression);
      bool blocked = false;
      for (const auto& name : rule.expression.names()) {
        rule.operands.push_back(place_of(name, rule, blocked));
      }
      count_dependencies(rule);
      std::vector<double> stack;
      rule.at_rest = rule.expression.evaluate(std::vector<double>(rule.operands.size()), stack);
      (blocked ? blocked_ : metas_).push_back(number);
    }
    block_users();
  }

  /// Rules that are scored 0 count here as well.
  void count_dependencies(CompiledRule& rule) const {
    const auto mentions = rule.expression.mentions();
    for (std::size_t i = 0; i < mentions.size(); ++i) {
      const auto* const other = find(definitions_.rules, rule.expression.names()[i]);
      if (other == nullptr) continue;
      const auto place = counted_place(other->type);
      if (place == AutolearnHit::Place::header) rule.learning.header_dependencies += mentions[i];
      if (place == AutolearnHit::Place::body) rule.learning.body_dependencies += mentions[i];
    }
  }

  std::uint32_t place_of(const std::string& name, const CompiledRule& rule, bool& blocked) {
    if (const auto* const number = find(numbers_, name)) return *number;
    if (name == "local_tests_only") return static_cast<std::uint32_t>(out_->local_only());
    if (const auto* const off = find(definitions_.rules, name)) {
      // SpamAssassin waits for ever for a meta that is scored 0.
      blocked = blocked || off->type == RuleType::meta;
    } else {
      diagnosis_.remarks.push_back(
          {rule.where, fmt::format("{} asks for {}, which no rule is called: it counts as 0",
                                   rule.name, name)});
    }
    return static_cast<std::uint32_t>(out_->nothing());
  }

  void expand_globs(const std::string& own, Definition& definition) {
    const GlobbedNames names = [&](std::string_view glob) {
      std::vector<std::string> out;
      for (const auto& [name, other] : definitions_.rules) {
        if (name != own && matches_glob(glob, name)) out.push_back(name);
      }
      return out;
    };
    auto expanded = Expression::parse(definition.written, names);
    if (!expanded) return problem(definition, expanded.error().what);
    definition.expression = *std::move(expanded);
  }

  /// Metas over metas that never come to a value have none either.
  void block_users() {
    std::vector<bool> gone(out_->rules_.size());
    for (const auto number : blocked_) gone[number] = true;
    const auto waits = [&](std::uint32_t number) {
      return std::ranges::any_of(out_->rules_[number].operands, [&](std::uint32_t operand) {
        return operand < gone.size() && gone[operand];
      });
    };
    // As often as metas stand over metas; a handful of rounds in any rule set.
    for (bool again = !blocked_.empty(); again;) {
      again = false;
      std::erase_if(metas_, [&](std::uint32_t number) {
        if (!waits(number)) return false;
        gone[number] = true;
        return again = true;
      });
    }
  }

  void order() {
    std::vector<std::vector<std::uint32_t>> operands;
    for (const auto number : metas_) operands.push_back(out_->rules_[number].operands);
    auto sorted = order_metas(metas_, operands);
    for (const auto number : sorted.cyclic) {
      const auto& rule = out_->rules_[number];
      diagnosis_.problems.push_back(
          {rule.where, fmt::format("{} depends on itself through other metas: break the circle;"
                                   " until then it never hits",
                                   rule.name)});
    }
    metas_ = std::move(sorted.order);
  }

  /// What a meta needs runs no later than the meta; what asks the network, not before -100.
  void lower_priorities() {
    auto by_priority = metas_;
    std::ranges::sort(by_priority, {},
                      [this](std::uint32_t number) { return turn_of(*out_, number); });
    for (const auto number : by_priority) {
      const int base = out_->rules_[number].priority;
      for (const auto operand : out_->rules_[number].operands) {
        if (operand >= out_->rules_.size()) continue;
        auto& rule = out_->rules_[operand];
        if (rule.priority <= base) continue;
        rule.priority = base < network_priority && rule.flags.network ? network_priority : base;
      }
    }
  }

  /// A meta over what asks the network does so itself; both run when the network is asked.
  void inherit_network() {
    for (const auto number : metas_) {
      auto& rule = out_->rules_[number];
      rule.flags.network =
          rule.flags.network || std::ranges::any_of(rule.operands, [this](std::uint32_t operand) {
            return operand < out_->rules_.size() && out_->rules_[operand].flags.network;
          });
    }
    for (auto& rule : out_->rules_) {
      if (rule.priority == 0 && rule.flags.network) rule.priority = network_priority;
    }
  }

  // ---- what was said of rules that do not exist ----

  void remark_on_strays() {
    for (const auto& [name, scores] : definitions_.scores) stray(name, scores.where, "score");
    for (const auto& [name, described] : definitions_.descriptions)
      stray(name, described.where, "description");
  }

  void stray(const std::string& name, const std::string& where, std::string_view what) {
    if (definitions_.rules.contains(name)) return;
    diagnosis_.remarks.push_back(
        {where, fmt::format("a {} for {}, but no rule is called that", what, name)});
  }

  Definitions definitions_;
  unsigned score_set_;
  Diagnosis& diagnosis_;
  std::shared_ptr<RuleSet> out_ = std::make_shared<RuleSet>();
  std::map<std::string, std::uint32_t, std::less<>> numbers_;
  std::vector<Definition*> sources_;  // by rule number
  std::vector<std::uint32_t> metas_;
  std::vector<std::uint32_t> blocked_;
};

std::shared_ptr<const RuleSet> compile_rules(Definitions definitions, unsigned score_set,
                                             Diagnosis& diagnosis) {
  return Compiler(std::move(definitions), score_set, diagnosis).run();
}

}  // namespace postern
