// lines.h — a text line by line, ends included.
#pragma once

#include <string_view>

#include "gateway/base/bytes.h"

namespace postern {

/// The first line of `text` with its line end; all of it where there is none.
inline std::string_view first_line(std::string_view text) {
  const auto end = text.find('\n');
  return end == std::string_view::npos ? text : text.substr(0, end + 1);
}

/// Takes the first line off.
inline std::string_view take_line(std::string_view& text) {
  const auto line = first_line(text);
  text.remove_prefix(line.size());
  return line;
}

inline bool is_blank_line(std::string_view line) {
  for (const char c : line) {
    if (!is_space(c)) return false;
  }
  return true;
}

/// RFC 5322 §2.2: what a field's name may be made of.
constexpr bool is_field_name_character(char c) { return c > ' ' && c < 0x7f && c != ':'; }

/// Whether a line starts a header field: a name, then ':'. Blanks before it are obsolete syntax
/// (RFC 5322 §4.5) and taken where `blanks` says so.
inline bool is_field_start(std::string_view line, bool blanks = true) {
  std::size_t at = 0;
  while (at < line.size() && is_field_name_character(line[at])) ++at;
  if (at == 0) return false;
  while (blanks && at < line.size() && is_blank(line[at])) ++at;
  return at < line.size() && line[at] == ':';
}

}  // namespace postern
