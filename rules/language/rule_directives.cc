#include <algorithm>
#include <array>
#include <optional>

#include <fmt/format.h>

#include "gateway/base/bytes.h"
#include "rules/language/capture_template.h"
#include "rules/language/line.h"

namespace postern {
namespace {

/// Reads `written` into the definition; false after a problem was noted.
bool read_pattern(Line& line, std::string_view written, Definition& definition) {
  definition.written = written;
  definition.where_written = line.statement.where(written);
  definition.templates = template_names(written);
  definition.captures = has_captures(written);
  auto regex = Regex::compile(without_templates(written));
  if (regex) {
    definition.pattern = std::make_shared<Regex>(*std::move(regex));
    return true;
  }
  auto error = regex.error();
  if (line.statement.commented)
    error.what += " (what stands behind a # is a comment: write \\# for the character)";
  line.problem_at(written, error);
  return false;
}

// ---- evals ----

std::optional<std::string_view> eval_text(std::string_view rest, bool dns_too) {
  if (rest.starts_with("eval:")) return rest.substr(5);
  if (dns_too && rest.starts_with("rbleval:")) return rest.substr(8);
  return {};
}

constexpr bool fits(RuleType type, EvalType wanted) {
  switch (wanted) {
    case EvalType::any:
      return true;
    case EvalType::header:
      return type == RuleType::header_eval || type == RuleType::dns_eval;
    case EvalType::body:
      return type == RuleType::body_eval || type == RuleType::rawbody_eval;
    case EvalType::full:
      return type == RuleType::full_eval;
  }
  return true;
}

constexpr std::string_view name_of(EvalType type) {
  return type == EvalType::header ? "header" : type == EvalType::body ? "body" : "full";
}

void eval_rule(Line& line, std::string_view name, std::string_view written, RuleType type) {
  auto call = parse_eval_call(written);
  if (!call) return line.problem_at(written, call.error());
  const bool asks_dns =
      call->function.starts_with("check_rbl") || call->function.starts_with("check_dns");
  if (type == RuleType::header_eval && asks_dns) type = RuleType::dns_eval;
  const auto claim = eval_claim(call->function);
  if (claim && !fits(type, claim->type)) {
    return line.problem(line.statement.written,
                        fmt::format("{}() is asked by {} rules: write {} NAME eval:…",
                                    call->function, name_of(claim->type), name_of(claim->type)));
  }
  Definition definition;
  definition.type = type;
  definition.written = written;
  definition.where_written = line.statement.where(written);
  definition.call = *std::move(call);
  line.define(name, std::move(definition));
}

// ---- header ----

/// Cuts "[if-unset: text]" off the end of a pattern.
std::optional<std::string> take_unset(std::string_view& rest) {
  constexpr std::string_view mark = "[if-unset:";
  if (!rest.ends_with(']')) return {};
  const auto open = rest.find(mark);
  if (open == std::string_view::npos || open == 0 || !is_space(rest[open - 1])) return {};
  const auto inside = rest.substr(open + mark.size(), rest.size() - open - mark.size() - 1);
  if (inside.empty() || !is_space(inside.front()) || trim(inside).empty()) return {};
  auto value = inside;
  while (is_space(value.front())) value.remove_prefix(1);
  rest = trim(rest.substr(0, open));
  return std::string(value);
}

/// "Name =~ pattern" in two, and whether it was "!~"; nothing after a problem was noted.
struct Comparison {
  std::string_view left;
  std::string_view pattern;
  bool negated = false;
};
std::optional<Comparison> comparison(Line& line, std::string_view example) {
  const auto equal = line.rest.find("=~");
  const auto unequal = line.rest.find("!~");
  const auto at = std::min(equal, unequal);
  if (at == std::string_view::npos) {
    line.problem(line.rest_or_key(), fmt::format("write: {}", example));
    return {};
  }
  return Comparison{trim(line.rest.substr(0, at)), trim(line.rest.substr(at + 2)), unequal < equal};
}

std::optional<HeaderSource> header_source(Line& line, std::string_view written) {
  auto source = parse_header_source(written);
  if (source) return *std::move(source);
  line.problem_at(written, source.error());
  return {};
}

void header_exists(Line& line, std::string_view name) {
  const auto source =
      header_source(line, trim(line.rest.substr(std::string_view("exists:").size())));
  if (!source) return;
  Definition definition;
  definition.type = RuleType::header;
  definition.exists = true;
  definition.written = line.rest;
  definition.where_written = line.statement.where(line.rest);
  definition.header = *source;
  line.define(name, std::move(definition));
}

void header(Line& line) {
  const auto name = line.name();
  if (name.empty()) return;
  if (const auto call = eval_text(line.rest, true))
    return eval_rule(line, name, *call, RuleType::header_eval);
  if (line.rest.starts_with("exists:")) return header_exists(line, name);
  auto parts = comparison(line, "header NAME Field =~ /pattern/, or exists:Field");
  if (!parts) return;
  const auto source = header_source(line, parts->left);
  if (!source) return;
  Definition definition;
  definition.type = RuleType::header;
  definition.header = *source;
  definition.negated = parts->negated;
  definition.unset = take_unset(parts->pattern);
  if (read_pattern(line, parts->pattern, definition)) line.define(name, std::move(definition));
}

// ---- text ----

void pattern_rule(Line& line, RuleType type, std::optional<RuleType> eval) {
  const auto name = line.name();
  if (name.empty()) return;
  if (eval) {
    if (const auto call = eval_text(line.rest, false)) return eval_rule(line, name, *call, *eval);
  }
  Definition definition;
  definition.type = type;
  if (read_pattern(line, line.rest, definition)) line.define(name, std::move(definition));
}

void body(Line& line) { pattern_rule(line, RuleType::body, RuleType::body_eval); }
void rawbody(Line& line) { pattern_rule(line, RuleType::rawbody, RuleType::rawbody_eval); }
void full(Line& line) { pattern_rule(line, RuleType::full, RuleType::full_eval); }
void uri(Line& line) { pattern_rule(line, RuleType::uri, {}); }

void meta(Line& line) {
  const auto name = line.name();
  if (name.empty()) return;
  if (line.rest.empty()) return line.problem(line.statement.written, "write: meta NAME expression");
  auto expression = Expression::parse(line.rest);
  if (!expression) return line.problem_at(line.rest, expression.error());
  Definition definition;
  definition.type = RuleType::meta;
  definition.written = line.rest;
  definition.where_written = line.statement.where(line.rest);
  definition.expression = *std::move(expression);
  line.define(name, std::move(definition));
}

// ---- what plugins add ----

void mime_header(Line& line) {
  const auto name = line.name();
  if (name.empty()) return;
  auto parts = comparison(line, "mimeheader NAME Field =~ /pattern/");
  if (!parts) return;
  auto source = parse_mime_header_source(parts->left);
  if (!source) return line.problem(parts->left.empty() ? line.rest : parts->left, source.error());
  Definition definition;
  definition.type = RuleType::mime_header;
  definition.mime = *std::move(source);
  definition.negated = parts->negated;
  if (definition.negated) {
    line.remark(line.rest,
                "!~ in a mimeheader rule hits every message, as in SpamAssassin 4.0.1: "
                "write a meta with ! over a rule with =~");
  }
  definition.unset = take_unset(parts->pattern);
  if (read_pattern(line, parts->pattern, definition)) line.define(name, std::move(definition));
}

void uri_detail(Line& line) {
  const auto name = line.name();
  if (name.empty()) return;
  Definition definition;
  definition.type = RuleType::uri_detail;
  definition.written = line.rest;
  definition.where_written = line.statement.where(line.rest_or_key());
  // A second line of the same name adds conditions.
  const auto known = line.definitions.rules.find(name);
  definition.uri = known != line.definitions.rules.end() && known->second.uri
                       ? known->second.uri
                       : std::make_shared<UriConditions>();
  if (const auto added = definition.uri->add(line.rest); !added)
    return line.problem_at(line.rest_or_key(), added.error());
  line.define(name, std::move(definition));
}

/// The answer of the network is the hit. What is asked stands with the settings, by name.
void ask_dns(Line& line) {
  const auto name = line.name();
  if (name.empty()) return;
  Definition definition;
  definition.type = RuleType::empty;
  definition.written = line.rest;
  definition.where_written = line.statement.where(line.rest);
  SettingLine question{line.statement, line.statement.arguments, line.diagnosis};
  if (add_dns_query(question, line.definitions.settings)) line.define(name, std::move(definition));
}

/// The name exists from here on, even if no rule of that name ever comes.
void reuse(Line& line) {
  const auto name = line.name();
  if (name.empty() || line.definitions.rules.contains(name)) return;
  Definition definition;
  definition.type = RuleType::empty;
  line.define(name, std::move(definition));
}

constexpr std::array<Directive, 10> directives{{
    {"header", header},
    {"body", body},
    {"rawbody", rawbody},
    {"uri", uri},
    {"full", full},
    {"meta", meta},
    {"mimeheader", mime_header},
    {"uri_detail", uri_detail},
    {"askdns", ask_dns},
    {"reuse", reuse},
}};

}  // namespace

std::span<const Directive> rule_directives() { return directives; }

}  // namespace postern
