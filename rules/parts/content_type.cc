#include "rules/parts/content_type.h"

#include <map>

#include "gateway/base/bytes.h"

namespace postern {
namespace {

constexpr auto npos = std::string_view::npos;
// RFC 2231 numbers the pieces of a name; more than this nobody means.
constexpr std::uint64_t most_name_pieces = 1000;

constexpr bool is_word(char c) { return is_digit(c) || is_alpha(c) || c == '_'; }

std::size_t skip_space(std::string_view text, std::size_t at) {
  while (at < text.size() && is_space(text[at])) ++at;
  return at;
}

/// Where `word` next stands, whatever its case, with no letter, digit or '_' right before it.
std::size_t find_word(std::string_view text, std::string_view word, std::size_t from) {
  for (std::size_t at = from; at + word.size() <= text.size(); ++at) {
    if (lower(text[at]) != word.front() || (at > 0 && is_word(text[at - 1]))) continue;
    if (equals_ignoring_case(text.substr(at, word.size()), word)) return at;
  }
  return npos;
}

/// Behind " = " at `at`, or npos.
std::size_t skip_equals(std::string_view text, std::size_t at) {
  at = skip_space(text, at);
  return at < text.size() && text[at] == '=' ? skip_space(text, at + 1) : npos;
}

/// Up to the next ';', without a quote at either end.
std::string_view value_at(std::string_view text, std::size_t at) {
  const auto is_quote = [](char c) { return c == '"' || c == '\''; };
  if (at < text.size() && is_quote(text[at])) ++at;
  auto value = text.substr(at, text.find(';', at) - at);
  if (!value.empty() && is_quote(value.back())) value.remove_suffix(1);
  return value;
}

std::string boundary_of(std::string_view text) {
  constexpr std::string_view word = "boundary";
  for (auto at = find_word(text, word, 0); at != npos; at = find_word(text, word, at + 1)) {
    const auto start = skip_equals(text, at + word.size());
    if (start == npos || start == text.size()) continue;
    if (text[start] == '"') {
      const auto quoted = text.substr(start + 1, text.find('"', start + 1) - start - 1);
      if (!quoted.empty()) return std::string(quoted);
      continue;
    }
    auto end = start;
    while (end < text.size() && text[end] != '"' && text[end] != ';' && !is_space(text[end])) ++end;
    if (end > start && (end == text.size() || text[end] != '"')) {
      return std::string(text.substr(start, end - start));
    }
  }
  return {};
}

std::optional<std::string> charset_of(std::string_view text) {
  constexpr std::string_view word = "charset";
  for (auto at = find_word(text, word, 0); at != npos; at = find_word(text, word, at + 1)) {
    const auto start = skip_equals(text, at + word.size());
    if (start != npos) return std::string(value_at(text, start));
  }
  return {};
}

/// Behind the next "name" or "filename", or npos.
std::size_t find_name(std::string_view text, std::size_t from) {
  for (auto at = text.find_first_of("nNfF", from); at != npos;
       at = text.find_first_of("nNfF", at + 1)) {
    if (at > 0 && is_word(text[at - 1])) continue;
    for (const std::string_view word : {"name", "filename"}) {
      if (starts_with_ignoring_case(text.substr(at), word)) return at + word.size();
    }
  }
  return npos;
}

/// RFC 2231 §3: "name*0=…; name*1=…", put together by number.
std::string continued_name(std::string_view text) {
  std::map<std::uint64_t, std::string_view> pieces;
  bool begun = false;  // without a piece 0 none of them counts
  for (auto at = find_name(text, 0); at != npos; at = find_name(text, at)) {
    if (at == text.size() || text[at] != '*') continue;
    auto end = ++at;
    while (end < text.size() && is_digit(text[end])) ++end;
    const auto number = parse_number(text.substr(at, end - at), most_name_pieces);
    const bool is_first = text.substr(at, end - at) == "0";
    at = end;
    const auto start = skip_equals(text, end);
    if (start == npos || !number) continue;
    const auto value = value_at(text, start);
    begun = begun || is_first;
    pieces[*number] = value;
    at = static_cast<std::size_t>(value.data() - text.data()) + value.size();
  }
  std::string out;
  if (!begun) return out;
  for (const auto& [number, piece] : pieces) out += piece;
  return out;
}

std::string name_of(std::string_view text) {
  for (auto at = find_name(text, 0); at != npos; at = find_name(text, at)) {
    const auto start = skip_equals(text, at);
    if (start == npos) continue;
    if (const auto value = value_at(text, start); !value.empty() && value != "0") {
      return std::string(value);
    }
    break;
  }
  return continued_name(text);
}

/// "something/something" at the start, as written in lower case.
std::string bare_type(std::string_view text) {
  text = text.substr(skip_space(text, 0));
  text = text.substr(0, text.find(';'));
  const auto slash = text.find('/');
  if (slash != npos && slash > 0) {
    auto end = slash + 1;
    while (end < text.size() && text[end] != '/' && !is_space(text[end])) ++end;
    text = text.substr(0, end);
  }
  return to_lower(text);
}

/// A text type that is not known to be something else is shown as plain text by those who read it.
bool is_plain_text(std::string_view type) {
  if (!type.starts_with("text") || (type.size() > 4 && is_word(type[4]))) return false;
  return type != "text/html" && type != "text/x-vcard" && type != "text/calendar";
}

constexpr bool is_type_character(char c) {
  constexpr std::string_view unfit = "\"(),:;<=>?@[\\]";
  return c > ' ' && c < 0x7f && unfit.find(c) == npos;
}

}  // namespace

ContentType parse_content_type(std::optional<std::string_view> field) {
  ContentType out;
  out.missing = !field || field->empty() || *field == "0";
  const std::string_view text = out.missing ? "text/plain; charset=us-ascii" : *field;
  out.boundary = boundary_of(text);
  out.charset = charset_of(text);
  out.name = name_of(text);
  out.type = bare_type(text);
  const bool has_type = !out.type.empty() && out.type != "0";
  out.missing = out.missing || !has_type;
  if (!has_type || is_plain_text(out.type)) out.type = "text/plain";
  std::erase_if(out.type, [](char c) { return !is_type_character(c); });
  return out;
}

std::string disposition_name(std::string_view field) {
  for (std::size_t at = 0; at + 5 <= field.size(); ++at) {
    if (!starts_with_ignoring_case(field.substr(at), "name=")) continue;
    const auto text = skip_space(field, at + 5);
    const auto start = text + (text < field.size() && field[text] == '"');
    const auto value = field.substr(start, field.find_first_of("\";", start) - start);
    if (!value.empty()) return std::string(value);
    // The last blank itself is the name where nothing else follows.
    if (text > at + 5) return std::string(field.substr(text - 1, 1));
  }
  return {};
}

bool is_html_name(std::string_view name) {
  if (name.ends_with('\n')) name.remove_suffix(1);
  const auto dot = name.rfind('.');
  if (dot == npos) return false;
  const auto ending = name.substr(dot + 1);
  for (const std::string_view html : {"htm", "html", "shtm", "shtml"}) {
    if (equals_ignoring_case(ending, html)) return true;
  }
  return false;
}

}  // namespace postern
