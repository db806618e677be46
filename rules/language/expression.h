// expression.h — the arithmetic of meta rules, with Perl's values.
//
// `A && B` is A's value where A is false, else B's; `A || B` is A's where it is true, else B's;
// `!A` is 0 or 1; comparisons give 0 or 1, and 3 > A > 1 is 3 > A && A > 1. So metas over metas may
// see any number. Parsed once to postfix without recursion; a division by zero makes the whole
// expression 0.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rules/patterns/perl_pattern.h"

namespace postern {

/// The rules that rules_matching(GLOB) stands for.
using GlobbedNames = std::function<std::vector<std::string>(std::string_view glob)>;

class Expression {
 public:
  /// Limits: 10,000 tokens. "()" and "" are 0. Without `globbed`, rules_matching() is 0.
  static std::expected<Expression, SyntaxError> parse(std::string_view text,
                                                      const GlobbedNames& globbed = {});

  /// Whether it holds rules_matching(): parse it again when all rules are known.
  bool has_globs() const { return has_globs_; }

  /// The names that occur, each once, in order of appearance.
  const std::vector<std::string>& names() const { return names_; }
  /// How often names()[i] occurs.
  std::vector<unsigned> mentions() const;

  /// `operands[i]` is the value of names()[i]. `stack` is scratch space.
  double evaluate(std::span<const double> operands, std::vector<double>& stack) const;

  enum class Operator : std::uint8_t {
    number,
    name,  // operands
    logical_not,
    minus,
    plus,
    multiply,
    divide,
    add,
    subtract,
    less,
    less_equal,
    greater,
    greater_equal,
    equal,
    unequal,
    exclusive_or,
    logical_and,
    logical_or,
    choose,
    open,
    question,  // only while parsing
  };

 private:
  friend class ExpressionParser;
  struct Step {
    Operator what;
    std::uint32_t name = 0;
    double number = 0;
    // Of chained comparisons: the right operand stays for the next one; this one counts only
    // where the one before it held.
    bool keeps = false;
    bool joins = false;
  };
  static void compare(const Step& step, std::vector<double>& stack);

  std::vector<Step> steps_;
  std::vector<std::string> names_;
  bool has_globs_ = false;
};

}  // namespace postern
