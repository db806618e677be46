#include "rules/language/parser.h"

#include <algorithm>
#include <memory>

#include <fmt/format.h>

#include "gateway/base/bytes.h"
#include "rules/base/statement.h"
#include "rules/language/condition.h"
#include "rules/language/directives.h"
#include "rules/language/line.h"

namespace postern {
namespace {

constexpr std::size_t longest_line = 512 * 1024;
constexpr std::size_t deepest_condition = 100;
constexpr std::size_t deepest_include = 10;
constexpr std::size_t most_includes = 1000;
constexpr std::size_t most_notes = 10'000;
constexpr double our_version = 4.000001;

/// Cuts the comment, turns \# into #, trims the end.
std::string_view clean(std::string_view line, std::string& room, bool& commented) {
  auto out = line;
  if (line.find('#') != std::string_view::npos) {
    room.clear();
    for (std::size_t i = 0; i < line.size(); ++i) {
      commented = line[i] == '#';
      if (commented) break;
      if (line[i] == '\\' && i + 1 < line.size() && line[i + 1] == '#') ++i;
      room += line[i];
    }
    out = room;
  }
  while (!out.empty() && is_space(out.back())) out.remove_suffix(1);
  return out;
}

std::string normalized(std::string_view key) {
  std::string out = to_lower(key);
  for (char& c : out) {
    if (c == '-') c = '_';
  }
  return out;
}

struct Condition {
  std::size_t line;
  bool holds;  // this branch counts
  bool had_else = false;
  bool broken = false;  // could not be understood: neither branch counts
};

struct Source {
  std::string name;
  std::string text;
  std::size_t at = 0;
  std::size_t line = 0;
  std::vector<Condition> conditions;
  bool skip_rest = false;

  bool active() const {
    if (skip_rest) return false;
    for (const auto& condition : conditions) {
      if (!condition.holds) return false;
    }
    return true;
  }
};

class Parser {
 public:
  Parser(const ReadIncluded& read, const ParseOptions& options, Definitions& definitions,
         Diagnosis& diagnosis)
      : read_(read), options_(options), definitions_(definitions), diagnosis_(diagnosis) {}

  void run(std::string text, const std::string& name) {
    open(name, std::move(text));
    while (!sources_.empty()) {
      auto& source = *sources_.back();
      if (source.at < source.text.size()) {
        step(source);
      } else {
        finish(source);
        sources_.pop_back();
      }
    }
  }

 private:
  void open(const std::string& name, std::string text) {
    sources_.push_back(
        std::make_unique<Source>(Source{.name = name, .text = std::move(text), .conditions = {}}));
  }

  void note(Problem problem) {
    if (diagnosis_.problems.size() < most_notes) diagnosis_.problems.push_back(std::move(problem));
  }

  void finish(Source& source) {
    for (const auto& condition : source.conditions) {
      note({fmt::format("{}:{}:1", source.name, condition.line),
            "this condition is never closed: add an endif"});
    }
  }

  void step(Source& source) {
    const auto end = source.text.find('\n', source.at);
    const auto line = std::string_view(source.text).substr(source.at, end - source.at);
    source.at = end == std::string::npos ? source.text.size() : end + 1;
    ++source.line;
    if (line.size() > longest_line) {
      return note({fmt::format("{}:{}:1", source.name, source.line),
                   fmt::format("the line is longer than {} octets: split the rule", longest_line)});
    }
    bool commented = false;
    std::string room;
    const auto text = clean(line, room, commented);
    Statement statement{source.name, source.line, text, {}, {}, {}, commented};
    std::string_view rest = text;
    while (!rest.empty() && is_space(rest.front())) rest.remove_prefix(1);
    if (rest.empty()) return;
    split_key(statement, rest);
    if (conditional(source, statement)) return;
    if (!source.active()) return note_left_out(source, statement);
    if (!for_our_locale(statement)) return;
    dispatch(source, statement);
  }

  /// A rule within a branch that does not count.
  void note_left_out(const Source& source, const Statement& statement) {
    if (std::ranges::find(rule_directives(), statement.key, &Directive::key) ==
        rule_directives().end())
      return;
    const auto condition = std::ranges::find(source.conditions, false, &Condition::holds);
    auto rest = statement.arguments;
    definitions_.note_idle(
        {.rule = std::string(take_word(rest)),
         .cause = Idle::Cause::condition,
         .where = statement.where(statement.written),
         .by_where = condition == source.conditions.end()
                         ? ""
                         : fmt::format("{}:{}:1", source.name, condition->line)});
  }

  static void split_key(Statement& statement, std::string_view rest) {
    statement.written = take_word(rest);
    statement.key = normalized(statement.written);
    statement.arguments = rest;
    // "if(version >= 4)" and "if!plugin(X)": no blank is needed behind the if.
    if (statement.key.size() > 2 && statement.key.starts_with("if") &&
        (statement.key[2] == '(' || statement.key[2] == '!')) {
      statement.arguments =
          std::string_view(statement.written.data() + 2,
                           static_cast<std::size_t>(statement.text.data() + statement.text.size() -
                                                    statement.written.data() - 2));
      statement.written = statement.written.substr(0, 2);
      statement.key = "if";
    }
  }

  bool conditional(Source& source, const Statement& statement) {
    if (statement.key == "if" || statement.key == "ifplugin") {
      begin_condition(source, statement);
    } else if (statement.key == "else") {
      if (source.conditions.empty() || source.conditions.back().had_else) {
        note(statement.problem(statement.written, "this else has no if before it"));
      } else {
        auto& condition = source.conditions.back();
        condition.holds = !condition.holds && !condition.broken;
        condition.had_else = true;
      }
    } else if (statement.key == "endif") {
      if (source.conditions.empty()) {
        note(statement.problem(statement.written, "this endif closes nothing: take it away"));
      } else {
        source.conditions.pop_back();
      }
    } else {
      return false;
    }
    return true;
  }

  void begin_condition(Source& source, const Statement& statement) {
    if (source.conditions.size() >= deepest_condition) {
      note(statement.problem(
          statement.written,
          fmt::format("conditions nest more than {} deep: the rest of the file is skipped",
                      deepest_condition)));
      source.at = source.text.size();
      source.conditions.clear();
      return;
    }
    bool holds = false;
    bool broken = false;
    // What stands in a branch that does not count is not judged, only kept in step.
    if (source.active()) {
      if (statement.key == "ifplugin") {
        std::string_view rest = statement.arguments;
        holds = implements_plugin(take_word(rest), definitions_.facts);
      } else if (const auto value = evaluate_condition(statement.arguments, definitions_.facts)) {
        holds = *value;
      } else {
        broken = true;
        note(statement.problem(
            statement.arguments.substr(std::min(value.error().at, statement.arguments.size())),
            value.error().what + "; the lines up to its endif are skipped"));
      }
    }
    source.conditions.push_back({.line = source.line, .holds = holds, .broken = broken});
  }

  /// Takes "lang xx" off the front; false where it speaks to others.
  bool for_our_locale(Statement& statement) {
    if (statement.key != "lang") return true;
    std::string_view rest = statement.arguments;
    const auto locale = take_word(rest);
    if (locale.empty() || rest.empty()) {
      note(statement.problem(statement.written, "write: lang xx directive …"));
      return false;
    }
    if (!starts_with_ignoring_case(options_.locale, locale)) return false;
    split_key(statement, rest);
    return true;
  }

  void dispatch(Source& source, const Statement& statement) {
    if (options_.admits && !options_.admits(statement)) return;
    if (statement.key == "include") return include(source, statement);
    if (statement.key == "require_version") return require_version(source, statement);
    apply_directive(statement, definitions_, diagnosis_);
    if (diagnosis_.remarks.size() > most_notes) diagnosis_.remarks.resize(most_notes);
    if (diagnosis_.problems.size() > most_notes) diagnosis_.problems.resize(most_notes);
  }

  void include(Source& source, const Statement& statement) {
    std::string name(statement.arguments);
    if (name.empty()) return note(statement.problem(statement.written, "write: include FILE"));
    if (sources_.size() > deepest_include || ++includes_ > most_includes) {
      return note(statement.problem(
          statement.written,
          fmt::format("includes go more than {} deep or are more than {}: does the"
                      " file include itself?",
                      deepest_include, most_includes)));
    }
    const auto slash = source.name.rfind('/');
    if (!name.starts_with('/') && slash != std::string::npos)
      name = source.name.substr(0, slash + 1) + name;
    auto text = read_(name);
    if (!text) return note(statement.problem(statement.arguments, text.error().what));
    open(name, *std::move(text));
  }

  void require_version(Source& source, const Statement& statement) {
    const auto version = statement.arguments;
    if (version == "@@VERSION@@") return;  // a file of SpamAssassin's that was never installed
    const auto holds =
        evaluate_condition(fmt::format("{} == {:.6f}", version, our_version), definitions_.facts);
    if (holds && *holds) return;
    source.skip_rest = true;
    note(statement.problem(
        statement.arguments,
        fmt::format("the file asks for version {}, we answer as {:.6f}: the rest of it is skipped",
                    printable(version, 40), our_version)));
  }

  const ReadIncluded& read_;
  const ParseOptions& options_;
  Definitions& definitions_;
  Diagnosis& diagnosis_;
  std::vector<std::unique_ptr<Source>> sources_;
  std::size_t includes_ = 0;
};

}  // namespace

void parse_rules(std::string text, const std::string& name, const ReadIncluded& read,
                 const ParseOptions& options, Definitions& definitions, Diagnosis& diagnosis) {
  Parser(read, options, definitions, diagnosis).run(std::move(text), name);
}

}  // namespace postern
