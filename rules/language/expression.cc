#include "rules/language/expression.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <map>

#include <fmt/format.h>

#include "gateway/base/bytes.h"

namespace postern {

using Operator = Expression::Operator;

namespace {

constexpr std::size_t most_tokens = 10'000;
constexpr double undefined = std::numeric_limits<double>::quiet_NaN();  // a division by zero

struct Symbol {
  std::string_view text;
  Operator what;
};
// Longer ones first, so that ">=" is not read as ">".
constexpr std::array<Symbol, 14> binary_symbols{{
    {"&&", Operator::logical_and},
    {"||", Operator::logical_or},
    {">=", Operator::greater_equal},
    {"<=", Operator::less_equal},
    {"==", Operator::equal},
    {"!=", Operator::unequal},
    {">", Operator::greater},
    {"<", Operator::less},
    {"^", Operator::exclusive_or},
    {"+", Operator::add},
    {"-", Operator::subtract},
    {"*", Operator::multiply},
    {"/", Operator::divide},
    {"?", Operator::question},
}};

/// Perl's order, perlop; higher binds tighter.
int precedence(Operator what) {
  switch (what) {
    case Operator::logical_not:
    case Operator::minus:
    case Operator::plus:
      return 9;
    case Operator::multiply:
    case Operator::divide:
      return 8;
    case Operator::add:
    case Operator::subtract:
      return 7;
    case Operator::less:
    case Operator::less_equal:
    case Operator::greater:
    case Operator::greater_equal:
      return 6;
    case Operator::equal:
    case Operator::unequal:
      return 5;
    case Operator::exclusive_or:
      return 4;
    case Operator::logical_and:
      return 3;
    case Operator::logical_or:
      return 2;
    case Operator::choose:
    case Operator::question:
      return 1;
    case Operator::number:
    case Operator::name:
    case Operator::open:
      return 0;
  }
  return 0;
}

bool compares(Operator what) { return precedence(what) == 5 || precedence(what) == 6; }
bool is_name_start(char c) { return is_alpha(c) || c == '_'; }
bool is_name(char c) { return is_name_start(c) || is_digit(c); }

}  // namespace

/// The shunting-yard method: operators wait on a stack until a weaker one comes.
class ExpressionParser {
 public:
  ExpressionParser(std::string_view text, const GlobbedNames& globbed)
      : text_(text), globbed_(globbed) {}

  std::expected<Expression, SyntaxError> run() {
    if (only_parentheses()) return Expression{};
    for (;;) {
      while (at_ < text_.size() && is_space(text_[at_])) ++at_;
      if (at_ == text_.size()) break;
      if (++tokens_ > most_tokens)
        return wrong(fmt::format("more than {} parts: split the rule", most_tokens));
      if (auto spelt = sign_stands_apart(); !spelt) return std::unexpected(spelt.error());
      if (auto read = want_operand_ ? operand() : operation(); !read)
        return std::unexpected(read.error());
    }
    if (want_operand_) return wrong("a rule name or a number is missing here");
    while (!waiting_.empty()) {
      if (waiting_.back().what == Operator::open) {
        at_ = waiting_.back().at;
        return wrong("this parenthesis is never closed");
      }
      if (waiting_.back().what == Operator::question) {
        at_ = waiting_.back().at;
        return wrong("this ? has no :");
      }
      emit_waiting();
    }
    return std::move(out_);
  }

 private:
  struct Waiting {
    Operator what;
    std::size_t at;
    bool joins = false;  // a comparison that goes on behind another
  };

  std::unexpected<SyntaxError> wrong(std::string what) const {
    return std::unexpected(SyntaxError{at_, std::move(what)});
  }

  bool only_parentheses() const {
    std::string bare;
    for (const char c : text_) {
      if (is_space(c)) continue;
      bare += c;
      if (bare.size() > 2) return false;
    }
    return bare.empty() || bare == "()";
  }

  /// SpamAssassin takes what stands together of digits, dots and signs for one number, and knows
  /// none with a sign (Conf/Parser.pm, is_meta_valid): "A -1" is refused, "A - 1" is not.
  std::expected<void, SyntaxError> sign_stands_apart() const {
    const auto run = text_.substr(at_, text_.find_first_not_of("-+.0123456789", at_) - at_);
    const auto digit = run.find_first_of("0123456789");
    if (digit == std::string_view::npos || run.find_first_of("-+") == std::string_view::npos)
      return {};
    return wrong(
        fmt::format("a sign and a number need a blank between them: \"{}\"", printable(run, 12)));
  }

  std::expected<void, SyntaxError> operand() {
    const char c = text_[at_];
    if (c == '(') return push(Operator::open, 1);
    if (c == '!' && !text_.substr(at_).starts_with("!=")) return push(Operator::logical_not, 1);
    if (c == '-') return push(Operator::minus, 1);
    if (c == '+') return push(Operator::plus, 1);
    if (is_digit(c) || c == '.') return number();
    if (is_name_start(c)) return name();
    return wrong(fmt::format("a rule name or a number is missing before \"{}\"",
                             printable(text_.substr(at_), 12)));
  }

  std::expected<void, SyntaxError> number() {
    double value = 0;
    const char* const end = text_.data() + text_.size();
    const auto [stop, error] =
        std::from_chars(text_.data() + at_, end, value, std::chars_format::fixed);
    if (error != std::errc{}) return wrong("this is not a number");
    const auto length = static_cast<std::size_t>(stop - text_.data()) - at_;
    if (stop != end && is_name(*stop)) return wrong("a name cannot start with a digit");
    push_number(value);
    at_ += length;
    want_operand_ = false;
    return {};
  }

  std::expected<void, SyntaxError> name() {
    std::size_t end = at_;
    while (end < text_.size() && is_name(text_[end])) ++end;
    const auto found = text_.substr(at_, end - at_);
    if (end < text_.size() && text_[end] == '(') return function(found, end + 1);
    push_name(found);
    at_ = end;
    want_operand_ = false;
    return {};
  }

  void push_number(double value) {
    out_.steps_.push_back({.what = Operator::number, .number = value});
  }

  void push_name(std::string_view name) {
    const auto [entry, fresh] =
        known_.try_emplace(std::string(name), static_cast<std::uint32_t>(out_.names_.size()));
    if (fresh) out_.names_.push_back(entry->first);
    out_.steps_.push_back({.what = Operator::name, .name = entry->second});
  }

  /// rules_matching(GLOB) is the sum of the rules that it stands for.
  std::expected<void, SyntaxError> function(std::string_view name, std::size_t inside) {
    if (name != "rules_matching") {
      return wrong(
          fmt::format("there is no function {}() for metas: name rules, or say "
                      "rules_matching(NAME_*)",
                      printable(name, 60)));
    }
    const auto close = text_.find(')', inside);
    const auto glob =
        trim(text_.substr(inside, close == std::string_view::npos ? 0 : close - inside));
    const bool good =
        !glob.empty() && !is_digit(glob.front()) &&
        std::ranges::all_of(glob, [](char c) { return is_name(c) || c == '*' || c == '?'; });
    if (!good) return wrong("write rules_matching(GLOB): letters, digits, _, * and ?");
    out_.has_globs_ = true;
    push_number(0);
    for (const auto& rule : globbed_ ? globbed_(glob) : std::vector<std::string>{}) {
      push_name(rule);
      out_.steps_.push_back({.what = Operator::add});
      if (++tokens_ > most_tokens) return wrong("it stands for too many rules");
    }
    at_ = close + 1;
    want_operand_ = false;
    return {};
  }

  std::expected<void, SyntaxError> operation() {
    const char c = text_[at_];
    if (c == ')') return close();
    if (c == ':') return otherwise();
    for (const auto& symbol : binary_symbols) {
      if (text_.substr(at_).starts_with(symbol.text)) return binary(symbol);
    }
    return wrong(fmt::format("an operator is missing before \"{}\": &&, || or arithmetic",
                             printable(text_.substr(at_), 12)));
  }

  std::expected<void, SyntaxError> binary(const Symbol& symbol) {
    const int own = precedence(symbol.what);
    const bool right = symbol.what == Operator::question;
    while (!waiting_.empty() && (right ? precedence(waiting_.back().what) > own
                                       : precedence(waiting_.back().what) >= own)) {
      const bool chained = compares(symbol.what) && precedence(waiting_.back().what) == own;
      emit_waiting(chained);
      if (chained) {
        waiting_.push_back({symbol.what, at_, true});
        at_ += symbol.text.size();
        want_operand_ = true;
        return {};
      }
    }
    return push(symbol.what, symbol.text.size());
  }

  std::expected<void, SyntaxError> close() {
    while (!waiting_.empty() && waiting_.back().what != Operator::open) {
      if (waiting_.back().what == Operator::question) return wrong("a ? before this has no :");
      emit_waiting();
    }
    if (waiting_.empty()) return wrong("this parenthesis closes nothing");
    waiting_.pop_back();
    ++at_;
    return {};
  }

  std::expected<void, SyntaxError> otherwise() {
    while (!waiting_.empty() && waiting_.back().what != Operator::question &&
           waiting_.back().what != Operator::open) {
      emit_waiting();
    }
    if (waiting_.empty() || waiting_.back().what != Operator::question)
      return wrong("this : has no ?");
    waiting_.back().what = Operator::choose;
    want_operand_ = true;
    ++at_;
    return {};
  }

  std::expected<void, SyntaxError> push(Operator what, std::size_t length) {
    waiting_.push_back({what, at_});
    at_ += length;
    want_operand_ = true;
    return {};
  }

  void emit_waiting(bool keeps = false) {
    out_.steps_.push_back(
        {.what = waiting_.back().what, .keeps = keeps, .joins = waiting_.back().joins});
    waiting_.pop_back();
  }

  std::string_view text_;
  const GlobbedNames& globbed_;
  std::size_t at_ = 0;
  std::size_t tokens_ = 0;
  bool want_operand_ = true;
  std::vector<Waiting> waiting_;
  std::map<std::string, std::uint32_t> known_;
  Expression out_;
};

namespace {

// Perl's ^ works on the integer parts, as unsigned 64-bit words.
double exclusive_or(double a, double b) {
  constexpr double bound = 9.0e18;
  if (!(std::abs(a) < bound) || !(std::abs(b) < bound)) return undefined;
  return static_cast<double>(static_cast<std::uint64_t>(static_cast<std::int64_t>(a)) ^
                             static_cast<std::uint64_t>(static_cast<std::int64_t>(b)));
}

double compare(Operator what, double a, double b) {
  if (std::isnan(a) || std::isnan(b)) return undefined;
  switch (what) {
    case Operator::less:
      return a < b;
    case Operator::less_equal:
      return a <= b;
    case Operator::greater:
      return a > b;
    case Operator::greater_equal:
      return a >= b;
    case Operator::equal:
      return a == b;
    default:
      return a != b;
  }
}

double apply(Operator what, double a, double b) {
  switch (what) {
    case Operator::multiply:
      return a * b;
    case Operator::divide:
      return b == 0 ? undefined : a / b;
    case Operator::add:
      return a + b;
    case Operator::subtract:
      return a - b;
    case Operator::exclusive_or:
      return exclusive_or(a, b);
    case Operator::logical_and:
      return a == 0 || std::isnan(a) ? a : b;
    case Operator::logical_or:
      return a != 0 ? a : b;  // an undefined one is unequal to 0 too
    default:
      return undefined;  // comparisons and what takes one operand are elsewhere
  }
}

}  // namespace

std::expected<Expression, SyntaxError> Expression::parse(std::string_view text,
                                                         const GlobbedNames& globbed) {
  return ExpressionParser(text, globbed).run();
}

void Expression::compare(const Step& step, std::vector<double>& stack) {
  const double right = stack.back();
  stack.pop_back();
  double result = postern::compare(step.what, stack.back(), right);
  if (step.joins) {
    stack.pop_back();
    const double before = stack.back();
    if (before == 0 || std::isnan(before)) result = before;
  }
  stack.back() = result;
  if (step.keeps) stack.push_back(right);
}

std::vector<unsigned> Expression::mentions() const {
  std::vector<unsigned> out(names_.size());
  for (const Step& step : steps_) {
    if (step.what == Operator::name) ++out.at(step.name);
  }
  return out;
}

double Expression::evaluate(std::span<const double> operands, std::vector<double>& stack) const {
  stack.clear();
  const auto pop = [&stack] {
    const double value = stack.back();
    stack.pop_back();
    return value;
  };
  for (const auto& step : steps_) {
    if (step.what == Operator::number) {
      stack.push_back(step.number);
    } else if (step.what == Operator::name) {
      stack.push_back(operands[step.name]);
    } else if (step.what == Operator::minus) {
      stack.back() = -stack.back();
    } else if (step.what == Operator::logical_not) {
      if (!std::isnan(stack.back())) stack.back() = stack.back() == 0;
    } else if (step.what == Operator::choose) {
      const double otherwise = pop();
      const double then = pop();
      const double condition = stack.back();
      stack.back() = std::isnan(condition) ? undefined : condition != 0 ? then : otherwise;
    } else if (compares(step.what)) {
      compare(step, stack);
    } else if (step.what != Operator::plus) {
      const double right = pop();
      stack.back() = apply(step.what, stack.back(), right);
    }
  }
  return stack.empty() || !std::isfinite(stack.back()) ? 0 : stack.back();
}

}  // namespace postern
