#include "rules/language/directives.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "gateway/base/bytes.h"
#include "rules/language/foreign.h"

namespace postern {
namespace {

constexpr std::size_t longest_name = 100;
constexpr std::size_t most_rules = 100'000;

/// The arguments of one line on their way through a handler.
struct Line {
  const Statement& statement;
  Definitions& definitions;
  Diagnosis& diagnosis;
  std::string_view rest;

  void problem(std::string_view piece, std::string what) {
    diagnosis.problems.push_back(statement.problem(piece, std::move(what)));
  }
  void problem_at(std::string_view piece, const SyntaxError& error) {
    problem(piece.substr(std::min(error.at, piece.size())), error.what);
  }
  void remark(std::string_view piece, std::string what) {
    diagnosis.remarks.push_back(statement.problem(piece, std::move(what)));
  }

  /// The rule's name, or "" after a problem was noted.
  std::string_view name() {
    const auto word = take_word(rest);
    const bool letters =
        !word.empty() && !is_digit(word.front()) &&
        std::ranges::all_of(word, [](char c) { return is_alpha(c) || is_digit(c) || c == '_'; });
    if (!letters) {
      problem(word.empty() ? statement.written : word,
              "a rule name is missing here: letters, digits and _, not starting with a digit");
      return {};
    }
    if (word.size() > longest_name) {
      problem(word, fmt::format("the name is {} characters long: at most {} are allowed",
                                word.size(), longest_name));
      return {};
    }
    return word;
  }

  void define(std::string_view name, Definition definition) {
    if (definitions.rules.size() >= most_rules && !definitions.rules.contains(name)) {
      return problem(
          name, fmt::format("more than {} rules: this one and later ones are ignored", most_rules));
    }
    definition.where = statement.where(statement.written);
    definitions.rules.insert_or_assign(std::string(name), std::move(definition));
  }

  bool refuses_evaluation() {
    if (!rest.starts_with("eval:") && !rest.starts_with("rbleval:")) return false;
    problem(rest,
            fmt::format("the function {} is not available in this engine: the rule is left out",
                        printable(rest.substr(rest.find(':') + 1), 60)));
    return true;
  }

  std::shared_ptr<Regex> pattern(std::string_view written) {
    auto regex = Regex::compile(written);
    if (regex) return std::make_shared<Regex>(*std::move(regex));
    auto error = regex.error();
    if (statement.commented)
      error.what += " (what stands behind a # is a comment: write \\# for the character)";
    problem_at(written, error);
    return nullptr;
  }
};

std::optional<double> real(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  double value = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size() ||
      !std::isfinite(value))
    return {};
  return value;
}

// ---- rules ----

/// Cuts "[if-unset: text]" off the end of a header rule.
std::optional<std::string> take_unset(std::string_view& rest) {
  if (!rest.ends_with(']')) return {};
  const auto open = rest.rfind("[if-unset:");
  if (open == std::string_view::npos) return {};
  std::string value(trim(rest.substr(open + 10, rest.size() - open - 11)));
  rest = trim(rest.substr(0, open));
  return value;
}

std::optional<HeaderSource> header_source(Line& line, std::string_view written) {
  auto source = parse_header_source(written);
  if (!source) {
    line.problem_at(written, source.error());
    return {};
  }
  return *std::move(source);
}

void header_exists(Line& line, std::string_view name) {
  const auto written = trim(line.rest.substr(7));
  const auto source = header_source(line, written);
  if (!source) return;
  Definition definition;
  definition.type = RuleType::header;
  definition.exists = true;
  definition.header = *source;
  line.define(name, std::move(definition));
}

void header(Line& line) {
  const auto name = line.name();
  if (name.empty() || line.refuses_evaluation()) return;
  if (line.rest.starts_with("exists:")) return header_exists(line, name);
  const auto equal = line.rest.find("=~");
  const auto unequal = line.rest.find("!~");
  const auto at = std::min(equal, unequal);
  if (at == std::string_view::npos) {
    return line.problem(line.rest.empty() ? line.statement.written : line.rest,
                        "write: header NAME Field =~ /pattern/, or exists:Field");
  }
  const auto source = header_source(line, trim(line.rest.substr(0, at)));
  if (!source) return;
  Definition definition;
  definition.type = RuleType::header;
  definition.header = *source;
  definition.negated = unequal < equal;
  auto written = trim(line.rest.substr(at + 2));
  definition.unset = take_unset(written);
  definition.pattern = line.pattern(written);
  if (definition.pattern) line.define(name, std::move(definition));
}

void pattern_rule(Line& line, RuleType type) {
  const auto name = line.name();
  if (name.empty() || line.refuses_evaluation()) return;
  Definition definition;
  definition.type = type;
  definition.pattern = line.pattern(line.rest);
  if (definition.pattern) line.define(name, std::move(definition));
}

void body(Line& line) { pattern_rule(line, RuleType::body); }
void rawbody(Line& line) { pattern_rule(line, RuleType::rawbody); }
void uri(Line& line) { pattern_rule(line, RuleType::uri); }
void full(Line& line) { pattern_rule(line, RuleType::full); }

void meta(Line& line) {
  const auto name = line.name();
  if (name.empty()) return;
  if (line.rest.empty()) return line.problem(line.statement.written, "write: meta NAME expression");
  auto expression = Expression::parse(line.rest);
  if (!expression) return line.problem_at(line.rest, expression.error());
  Definition definition;
  definition.type = RuleType::meta;
  definition.expression = *std::move(expression);
  line.define(name, std::move(definition));
}

// ---- what belongs to a name ----

void score(Line& line) {
  const auto name = line.name();
  if (name.empty()) return;
  const auto values = words(line.rest);
  if (values.size() != 1 && values.size() != 4) {
    return line.problem(
        line.rest.empty() ? name : line.rest,
        fmt::format("a rule has one score, or four (plain, network, Bayes, both); here are {}",
                    values.size()));
  }
  const auto known = line.definitions.scores.find(name);
  Scores scores{.sets = {1, 1, 1, 1}, .where = {}};
  if (known != line.definitions.scores.end()) scores = known->second;
  for (std::size_t set = 0; set < 4; ++set) {
    auto text = values[values.size() == 4 ? set : 0];
    const bool relative = text.size() > 2 && text.front() == '(' && text.back() == ')';
    const auto value = real(relative ? text.substr(1, text.size() - 2) : text);
    if (!value) return line.problem(text, "a score is a number such as 1.5, -0.2 or (0.5)");
    scores.sets[set] = relative ? scores.sets[set] + *value : *value;
  }
  scores.where = line.statement.where(line.statement.written);
  line.definitions.scores.insert_or_assign(std::string(name), std::move(scores));
}

void describe(Line& line) {
  const auto name = line.name();
  if (name.empty()) return;
  line.definitions.descriptions.insert_or_assign(
      std::string(name),
      Described{std::string(line.rest), line.statement.where(line.statement.written)});
}

// Flags with a meaning elsewhere (learning, publishing, other plugins); here they are only known.
constexpr std::array<std::string_view, 13> other_flags{"publish",
                                                       "nopublish",
                                                       "userconf",
                                                       "noautolearn",
                                                       "autolearn_force",
                                                       "autolearn_header",
                                                       "autolearn_body",
                                                       "notrim",
                                                       "domains_only",
                                                       "ips_only",
                                                       "a",
                                                       "ns",
                                                       "noawl"};

bool read_flag(std::string_view word, RuleFlags& flags) {
  if (word.starts_with("maxhits=")) {
    const auto most = parse_number(word.substr(8), 1'000'000);
    if (!most || *most == 0) return false;
    flags.most_hits = static_cast<unsigned>(*most);
    return true;
  }
  if (word == "multiple") return flags.multiple = true;
  if (word == "nosubject") return flags.no_subject = true;
  if (word == "nice") return flags.nice = true;
  if (word == "net") return flags.network = true;
  if (word == "learn") return flags.learn = true;
  return std::ranges::find(other_flags, word) != other_flags.end();
}

void tflags(Line& line) {
  const auto name = line.name();
  if (name.empty()) return;
  RuleFlags flags;
  for (const auto word : words(line.rest)) {
    if (read_flag(word, flags)) continue;
    if (word.starts_with("maxhits=")) {
      line.problem(word, "write maxhits=N with a number from 1 to 1000000");
    } else {
      const auto meant =
          nearest(word, {"multiple", "maxhits=N", "nosubject", "nice", "net", "learn", "publish"});
      line.remark(word, fmt::format("unknown flag \"{}\"{}", printable(word, 40),
                                    meant ? fmt::format(": is {} meant?", *meant) : std::string()));
    }
  }
  line.definitions.flags.insert_or_assign(std::string(name), flags);
}

void priority(Line& line) {
  const auto name = line.name();
  if (name.empty()) return;
  const bool negative = line.rest.starts_with('-');
  const auto value = parse_number(line.rest.substr(negative ? 1 : 0), 1'000'000);
  if (!value)
    return line.problem(line.rest.empty() ? name : line.rest,
                        "a priority is a whole number such as -100 or 500");
  const int size = static_cast<int>(*value);
  line.definitions.priorities.insert_or_assign(std::string(name), negative ? -size : size);
}

// ---- settings ----

void required_score(Line& line) {
  const auto value = real(line.rest);
  if (!value)
    return line.problem(line.rest.empty() ? line.statement.written : line.rest,
                        "write: required_score 5.0");
  line.definitions.required_score = *value;
}

void rewrite_header(Line& line) {
  const auto field = take_word(line.rest);
  if (!equals_ignoring_case(field, "Subject")) {
    return line.problem(field.empty() ? line.statement.written : field,
                        "only the subject can be rewritten: rewrite_header Subject text");
  }
  line.definitions.subject_tag = line.rest;
}

using Handler = void (*)(Line&);
struct Directive {
  std::string_view key;
  Handler handler;
};
constexpr std::array<Directive, 13> directives{{
    {"header", header},
    {"body", body},
    {"rawbody", rawbody},
    {"uri", uri},
    {"full", full},
    {"meta", meta},
    {"score", score},
    {"describe", describe},
    {"tflags", tflags},
    {"priority", priority},
    {"required_score", required_score},
    {"required_hits", required_score},
    {"rewrite_header", rewrite_header},
}};

std::string unknown(std::string_view key) {
  std::vector<std::string> known{"include", "lang", "if", "ifplugin", "else", "endif"};
  for (const auto& directive : directives) known.emplace_back(directive.key);
  const auto meant = nearest(key, known);
  return fmt::format(
      "unknown directive \"{}\"{}", printable(key, 60),
      meant ? fmt::format(": is {} meant?", *meant) : std::string(": take the line away"));
}

}  // namespace

void apply_directive(const Statement& statement, Definitions& definitions, Diagnosis& diagnosis) {
  Line line{statement, definitions, diagnosis, statement.arguments};
  for (const auto& directive : directives) {
    if (directive.key == statement.key) return directive.handler(line);
  }
  switch (foreign_directive(statement.key)) {
    case Foreign::setting:
      return line.remark(statement.written,
                         fmt::format("{} has no effect in this engine", statement.key));
    case Foreign::rule:
      return line.problem(
          statement.written,
          fmt::format("rules of the kind {} are not available in this engine: the line is left out",
                      statement.key));
    case Foreign::unknown:
      return line.problem(statement.written, unknown(statement.key));
  }
}

}  // namespace postern
