#include "policies/pattern_map.h"

#include "gateway/base/bytes.h"
#include "policies/map_source.h"
#include "policies/pattern.h"

namespace postern {
namespace {

struct Rule {
  Pattern pattern;
  bool negated = false;
  bool is_if = false;
  std::size_t after = 0;  // of an if: the rule behind its block
  Template result;
  std::size_t line = 0;
};

class PatternMap final : public Map {
 public:
  PatternMap(PatternSource place, std::vector<Rule> rules)
      : Map(std::move(place.name)), file_(std::move(place.file)), rules_(std::move(rules)) {}

  Found find(std::string_view key) const override {
    Groups groups;
    for (std::size_t i = 0; i < rules_.size();) {
      const Rule& rule = rules_[i];
      groups = {};
      auto matched = rule.pattern.matches(key, groups);
      if (!matched) return fail_at(where(rule), std::move(matched).error());
      const bool applies = *matched != rule.negated;
      if (applies && !rule.is_if) {
        auto result = rule.result.expand(groups);
        if (!result) return fail_at(where(rule), std::move(result).error());
        return *std::move(result);
      }
      i = rule.is_if && !applies ? rule.after : i + 1;
    }
    return std::nullopt;
  }
  bool searches_whole_key() const override { return true; }
  std::size_t size() const override { return rules_.size(); }
  void each_value(const Visit& visit) const override {
    for (const Rule& rule : rules_) {
      if (!rule.is_if && rule.result.constant()) visit(where(rule), rule.result.text());
    }
  }

 private:
  std::string where(const Rule& rule) const { return file_ + ":" + std::to_string(rule.line); }

  std::string file_;
  std::vector<Rule> rules_;
};

/// "!/pattern/flags" taken from the start of a line.
struct Expression {
  bool negated = false;
  std::string_view pattern;
  std::string_view flags;
  std::string_view rest;
};

Result<Expression> take_expression(std::string_view text) {
  Expression expression;
  while (text.starts_with('!')) {
    expression.negated = !expression.negated;
    text = trim(text.substr(1));
  }
  const char delimiter = text.empty() ? ' ' : text.front();
  if (is_space(delimiter) || is_alpha(delimiter) || is_digit(delimiter) || delimiter == '\\') {
    return fail(std::errc::invalid_argument,
                "the line does not start with a pattern: write "
                "/pattern/ result");
  }
  std::size_t end = 1;
  while (end < text.size() && text[end] != delimiter) end += text[end] == '\\' ? 2 : 1;
  if (end >= text.size()) {
    return fail(std::errc::invalid_argument,
                "the pattern has no closing \"" + printable({&delimiter, 1}) + "\"");
  }
  expression.pattern = text.substr(1, end - 1);
  text.remove_prefix(end + 1);
  const std::size_t flags = std::min(text.find_first_of(" \t"), text.size());
  expression.flags = text.substr(0, flags);
  expression.rest = trim(text.substr(flags));
  return expression;
}

bool starts_with_word(std::string_view text, std::string_view word) {
  if (!starts_with_ignoring_case(text, word)) return false;
  if (text.size() == word.size()) return true;
  const char next = text[word.size()];
  return !is_alpha(next) && !is_digit(next);
}

class Parser {
 public:
  Parser(SourceLines& lines, PatternDialect dialect) : lines_(lines), dialect_(dialect) {}

  void add(const SourceLine& line) {
    const std::string_view text = line.text;
    if (starts_with_word(text, "endif")) {
      close(line.number, trim(text.substr(5)));
    } else if (starts_with_word(text, "if")) {
      open(line.number, trim(text.substr(2)));
    } else if (auto rule = parse_rule(text)) {
      rule->line = line.number;
      rules_.push_back(std::move(*rule));
    } else {
      lines_.problem(line.number, rule.error().what);
    }
  }

  std::vector<Rule> finish() {
    for (const std::size_t number : blocks_) {
      if (number == refused) continue;
      rules_[number].after = rules_.size();
      lines_.problem(rules_[number].line, "this if has no endif");
    }
    return std::move(rules_);
  }

 private:
  static constexpr std::size_t refused = SIZE_MAX;

  Result<Rule> parse_rule(std::string_view text) const {
    TRY(const auto expression, take_expression(text));
    Rule rule;
    rule.negated = expression.negated;
    TRY(rule.pattern, Pattern::compile(expression.pattern, expression.flags, dialect_));
    if (expression.rest.empty()) {
      return fail(std::errc::invalid_argument,
                  "the pattern has no result: write /pattern/, white space, result");
    }
    const std::size_t groups = rule.negated ? 0 : rule.pattern.group_count();
    TRY(rule.result, Template::parse(expression.rest, groups));
    return rule;
  }

  Result<Rule> parse_if(std::string_view text) const {
    TRY(const auto expression, take_expression(text));
    if (!expression.rest.empty()) {
      return fail(std::errc::invalid_argument,
                  "text behind the pattern of an if: put it on a line of its own");
    }
    Rule rule;
    rule.is_if = true;
    rule.negated = expression.negated;
    TRY(rule.pattern, Pattern::compile(expression.pattern, expression.flags, dialect_));
    return rule;
  }

  void open(std::size_t number, std::string_view text) {
    auto rule = parse_if(text);
    blocks_.push_back(rule ? rules_.size() : refused);
    if (!rule) {
      lines_.problem(number, rule.error().what);
      return;
    }
    rule->line = number;
    rules_.push_back(std::move(*rule));
  }

  void close(std::size_t number, std::string_view rest) {
    if (!rest.empty()) lines_.problem(number, "text behind endif: remove it");
    if (blocks_.empty()) {
      lines_.problem(number, "endif without an if before it");
      return;
    }
    if (blocks_.back() != refused) rules_[blocks_.back()].after = rules_.size();
    blocks_.pop_back();
  }

  SourceLines& lines_;
  PatternDialect dialect_;
  std::vector<Rule> rules_;
  std::vector<std::size_t> blocks_;  // the ifs that are open
};

}  // namespace

std::shared_ptr<const Map> parse_pattern_map(std::string_view source, PatternDialect dialect,
                                             const PatternSource& place,
                                             std::vector<Problem>& problems) {
  SourceLines lines(source, place.file, problems);
  Parser parser(lines, dialect);
  SourceLine line;
  while (lines.next(line)) parser.add(line);
  return std::make_shared<PatternMap>(place, parser.finish());
}

}  // namespace postern
