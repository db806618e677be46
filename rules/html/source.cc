#include "rules/html/source.h"

#include <cstddef>
#include <cstring>

#include "rules/html/perl_characters.h"

namespace postern {
namespace {

constexpr auto npos = std::string_view::npos;

std::string with_blanks(std::string_view source) {
  constexpr std::string_view nbsp = "&nbsp;";
  std::string out;
  out.reserve(source.size());
  std::size_t from = 0;
  for (auto at = source.find(nbsp); at != npos; at = source.find(nbsp, from)) {
    out += source.substr(from, at - from);
    out += ' ';
    from = at + nbsp.size();
  }
  out += source.substr(from);
  return out;
}

/// Moves [from, end) to an earlier place and gives the end of what was moved.
std::size_t move_down(std::string& text, std::size_t from, std::size_t end, std::size_t to) {
  if (from != to) std::memmove(text.data() + to, text.data() + from, end - from);
  return to + (end - from);
}

/// The end of the word in "<word  /", where the slash is at the end of `text`; npos where it is not
/// written like that.
std::size_t end_of_empty_tag(std::string_view text, bool unicode) {
  text.remove_suffix(trailing_space(text, unicode));
  std::size_t at = text.size();
  while (at > 0) {
    const auto start = utf8_start_before(text, at);
    const auto c = utf8_character(text, start).code;
    if (!(c < 0x80 || unicode) || !is_perl_word(c)) break;
    at = start;
  }
  return at > 0 && at < text.size() && text[at - 1] == '<' ? text.size() : npos;
}

void remove_slashes(std::string& text, bool unicode) {
  std::size_t to = 0;
  std::size_t from = 0;
  for (auto slash = text.find("/>"); slash != npos; slash = text.find("/>", slash + 1)) {
    const auto before = std::string_view(text).substr(from, slash - from);
    const auto end = end_of_empty_tag(before, unicode);
    if (end == npos) continue;
    to = move_down(text, from, from + end, to);
    from = slash + 1;
  }
  text.resize(move_down(text, from, text.size(), to));
}

void replace_quotes(std::string& text) {
  std::size_t to = 0;
  std::size_t from = 0;
  for (auto at = text.find("\xE2\x80"); at != npos; at = text.find("\xE2\x80", at + 1)) {
    if (at + 2 >= text.size() || (text[at + 2] != '\x9C' && text[at + 2] != '\x9D')) continue;
    to = move_down(text, from, at, to);
    text[to++] = '"';
    from = at + 3;
  }
  text.resize(move_down(text, from, text.size(), to));
}

}  // namespace

std::string prepare_html(std::string_view source, bool unicode) {
  auto text = with_blanks(source);
  remove_slashes(text, unicode);
  replace_quotes(text);
  return text;
}

}  // namespace postern
