#include "rules/language/condition.h"

#include <string>

#include <fmt/format.h>

#include "gateway/base/bytes.h"
#include "rules/language/expression.h"

namespace postern {
namespace {

constexpr std::string_view version = "4.000001";
constexpr std::string_view perl_version = "5.036000";

bool in_name(char c) { return is_alpha(c) || is_digit(c) || c == '_' || c == ':'; }

/// Replaces every word of the condition by its number, octet for octet as wide (so that errors
/// point to the right place), and leaves the rest to the arithmetic of metas.
class Words {
 public:
  Words(std::string_view text, const ConditionFacts& facts) : text_(text), facts_(facts) {}

  std::expected<std::string, SyntaxError> numbers() {
    std::string out;
    while (at_ < text_.size()) {
      if (!is_alpha(text_[at_]) && text_[at_] != '_') {
        out += text_[at_++];
        continue;
      }
      const auto start = at_;
      const auto value = word();
      if (!value) return std::unexpected(value.error());
      out += *value;
      if (at_ - start > value->size()) out.append(at_ - start - value->size(), ' ');
    }
    return out;
  }

 private:
  std::expected<std::string, SyntaxError> word() {
    const auto start = at_;
    while (at_ < text_.size() && in_name(text_[at_])) ++at_;
    const auto name = text_.substr(start, at_ - start);
    if (name == "version") return std::string(version);
    if (name == "perl_version") return std::string(perl_version);
    if (name == "local_tests_only") return std::string(facts_.local_only ? "1" : "0");
    if (name != "plugin" && name != "can" && name != "has") {
      return std::unexpected(SyntaxError{
          start,
          fmt::format(
              "\"{}\" is nothing that can be asked here: version, perl_version, plugin(), can(),"
              " has() and local_tests_only are",
              printable(name, 60))});
    }
    const auto close = text_.find(')', at_);
    const auto open = text_.find_first_not_of(" \t", at_);
    if (open == std::string_view::npos || text_[open] != '(' || close == std::string_view::npos) {
      return std::unexpected(SyntaxError{at_, fmt::format("write {}(Name)", name)});
    }
    const auto asked = trim(text_.substr(open + 1, close - open - 1));
    at_ = close + 1;
    return std::string(
        (name == "plugin" ? implements_plugin(asked, facts_) : implements_feature(asked, facts_))
            ? "1"
            : "0");
  }

  std::string_view text_;
  const ConditionFacts& facts_;
  std::size_t at_ = 0;
};

}  // namespace

std::expected<bool, SyntaxError> evaluate_condition(std::string_view text,
                                                    const ConditionFacts& facts) {
  if (trim(text).empty())
    return std::unexpected(SyntaxError{0, "a condition is missing behind the if"});
  const auto numbers = Words(text, facts).numbers();
  if (!numbers) return std::unexpected(numbers.error());
  const auto expression = Expression::parse(*numbers);
  if (!expression) return std::unexpected(expression.error());
  std::vector<double> stack;
  return expression->evaluate({}, stack) != 0;
}

}  // namespace postern
