#include "rules/language/line.h"

#include <fmt/format.h>

#include "gateway/base/bytes.h"

namespace postern {
namespace {

constexpr std::size_t longest_name = 100;
constexpr std::size_t most_rules = 100'000;

bool in_name(char c) { return is_alpha(c) || is_digit(c) || c == '_'; }

}  // namespace

std::string_view Line::name() {
  const auto word = take_word(rest);
  if (word.empty() || is_digit(word.front()) || !std::ranges::all_of(word, in_name)) {
    problem(word.empty() ? statement.written : word,
            "a rule name is missing here: letters, digits and _, not starting with a digit");
    return {};
  }
  if (word.size() > longest_name) {
    problem(word, fmt::format("the name is {} characters long: at most {} are allowed", word.size(),
                              longest_name));
    return {};
  }
  return word;
}

void Line::define(std::string_view name, Definition definition) {
  if (definitions.rules.size() >= most_rules && !definitions.rules.contains(name)) {
    return problem(
        name, fmt::format("more than {} rules: this one and later ones are ignored", most_rules));
  }
  definition.where = statement.where(statement.written);
  const auto known = definitions.rules.find(name);
  if (known != definitions.rules.end() && known->second.type != RuleType::empty &&
      definition.type != RuleType::uri_detail) {
    definitions.note_idle({.rule = std::string(name),
                           .cause = Idle::Cause::replaced,
                           .where = known->second.where,
                           .by_where = definition.where});
  }
  definitions.rules.insert_or_assign(std::string(name), std::move(definition));
}

}  // namespace postern
