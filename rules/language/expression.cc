#include "rules/language/expression.h"

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
  explicit ExpressionParser(std::string_view text) : text_(text) {}

  std::expected<Expression, SyntaxError> run() {
    if (only_parentheses()) return Expression{};
    for (;;) {
      while (at_ < text_.size() && is_space(text_[at_])) ++at_;
      if (at_ == text_.size()) break;
      if (++tokens_ > most_tokens)
        return wrong(fmt::format("more than {} parts: split the rule", most_tokens));
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
    out_.steps_.push_back({Operator::number, 0, value});
    at_ += length;
    want_operand_ = false;
    return {};
  }

  std::expected<void, SyntaxError> name() {
    std::size_t end = at_;
    while (end < text_.size() && is_name(text_[end])) ++end;
    std::string found(text_.substr(at_, end - at_));
    if (end < text_.size() && text_[end] == '(') {
      return wrong(
          fmt::format("functions such as {}() are not supported in metas: name the rules", found));
    }
    const auto [entry, fresh] =
        known_.try_emplace(found, static_cast<std::uint32_t>(out_.names_.size()));
    if (fresh) out_.names_.push_back(std::move(found));
    out_.steps_.push_back({Operator::name, entry->second, 0});
    at_ = end;
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
      if (compares(symbol.what) && precedence(waiting_.back().what) == own) {
        return wrong("comparisons cannot be chained: join two of them by &&");
      }
      emit_waiting();
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

  void emit_waiting() {
    out_.steps_.push_back({waiting_.back().what, 0, 0});
    waiting_.pop_back();
  }

  std::string_view text_;
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
      return compare(what, a, b);
  }
}

}  // namespace

std::expected<Expression, SyntaxError> Expression::parse(std::string_view text) {
  return ExpressionParser(text).run();
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
    } else if (step.what != Operator::plus) {
      const double right = pop();
      stack.back() = apply(step.what, stack.back(), right);
    }
  }
  return stack.empty() || !std::isfinite(stack.back()) ? 0 : stack.back();
}

}  // namespace postern
