#include "rules/uris/uri_detail.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "gateway/base/bytes.h"
#include "rules/uris/octets_of_uris.h"

namespace postern {
namespace {

using Outcome = Regex::Outcome;

constexpr std::array<std::string_view, 6> key_names{"raw",  "type",   "cleaned",
                                                    "text", "domain", "host"};

bool in_word(char c) { return uri_octet::is(c, uri_octet::in_word); }

/// How many octets of the text are an expression: "/…/" or "m" and any mark, …, the same mark, then
/// modifiers, then white space or the end. 0 where none is.
std::size_t expression_at_front(std::string_view text) {
  const std::size_t open = text.starts_with('m') ? 1 : 0;
  if (open >= text.size() || (open == 0 && text[0] != '/') || in_word(text[open])) return 0;
  const char mark = text[open];
  for (auto close = text.find(mark, open + 1); close != std::string_view::npos;
       close = text.find(mark, close + 1)) {
    auto end = close + 1;
    while (end < text.size() && std::string_view("imsx").find(text[end]) != std::string_view::npos)
      ++end;
    if (end == text.size() || is_space(text[end])) return end;
  }
  return 0;
}

/// Any of the values decides; see the header.
template <class Values>
Outcome any_of(const Values& values, const Regex& pattern, bool negated, Matcher& matcher) {
  auto outcome = Outcome::none;
  for (const auto& value : values) {
    const auto found = pattern.matches(value, matcher);
    if (found == Outcome::limit)
      outcome = Outcome::limit;
    else if ((found == Outcome::match) != negated)
      return Outcome::match;
  }
  return outcome;
}

}  // namespace

/// A condition where it stands in the text.
struct UriConditions::Written {
  std::string_view key;
  std::string_view expression;
  bool negated = false;

  /// The next one, taken off the front of the text together with all before it.
  static std::optional<Written> take(std::string_view& text) {
    for (auto tilde = text.find('~'); tilde != std::string_view::npos;
         tilde = text.find('~', tilde + 1)) {
      if (tilde == 0 || (text[tilde - 1] != '=' && text[tilde - 1] != '!')) continue;
      auto key_end = tilde - 1;
      while (key_end > 0 && is_space(text[key_end - 1])) --key_end;
      auto key = key_end;
      while (key > 0 && in_word(text[key - 1])) --key;
      auto expression = tilde + 1;
      while (expression < text.size() && is_space(text[expression])) ++expression;
      const auto length = expression_at_front(text.substr(expression));
      if (key == key_end || length == 0) continue;
      const Written found{.key = text.substr(key, key_end - key),
                          .expression = text.substr(expression, length),
                          .negated = text[tilde - 1] == '!'};
      text.remove_prefix(expression + length);
      return found;
    }
    return std::nullopt;
  }
};

std::expected<void, SyntaxError> UriConditions::add(std::string_view text) {
  const char* const start = text.data();
  const auto wrong = [start](std::string_view piece, std::size_t at, std::string what) {
    return std::unexpected(
        SyntaxError{static_cast<std::size_t>(piece.data() - start) + at, std::move(what)});
  };
  std::vector<std::pair<std::size_t, Condition>> added;
  while (const auto written = Written::take(text)) {
    const auto key = std::ranges::find(key_names, written->key);
    if (key == key_names.end())
      return wrong(written->key, 0,
                   fmt::format("\"{}\" is no key of uri_detail: raw, type, cleaned, text, domain "
                               "and host are",
                               printable(written->key)));
    auto pattern = Regex::compile(written->expression);
    if (!pattern) return wrong(written->expression, pattern.error().at, pattern.error().what);
    added.emplace_back(key - key_names.begin(), Condition{std::move(*pattern), written->negated});
  }
  if (added.empty())
    return std::unexpected(SyntaxError{0, "a condition must follow: KEY =~ /pattern/"});
  for (auto& [key, condition] : added) conditions_[key].emplace(std::move(condition));
  return {};
}

void UriConditions::compile_native() {
  for (auto& condition : conditions_) {
    if (condition) condition->pattern.compile_native();
  }
}

Outcome UriConditions::holds(std::size_t key, const Uri& uri, Matcher& matcher) const {
  const auto& [pattern, negated] = *conditions_[key];
  const auto over = [&](const auto& values) { return any_of(values, pattern, negated, matcher); };
  switch (key) {
    case 0:
      return over(std::array<std::string_view, 1>{uri.raw});
    case 1:
      return over(uri.types);
    case 2:
      return over(uri.cleaned);
    case 3:
      return over(uri.anchor_text);
    case 4:
      return over(uri.domains);
    default:
      return over(uri.hosts);
  }
}

Outcome UriConditions::matches(const MessageUris& uris, Matcher& matcher) const {
  auto outcome = Outcome::none;
  for (const auto& uri : uris.detailed()) {
    auto all = Outcome::match;
    for (std::size_t key = 0; key < keys && all == Outcome::match; ++key) {
      if (conditions_[key]) all = holds(key, uri, matcher);
    }
    if (all == Outcome::match) return all;
    if (all == Outcome::limit) outcome = all;
  }
  return outcome;
}

}  // namespace postern
