#include <algorithm>

#include "gateway/base/bytes.h"
#include "rules/parts/render.h"

namespace postern {
namespace {

constexpr std::size_t longest_paragraph = 2048;
constexpr std::size_t least_chunk = 2048;
constexpr std::size_t most_chunk = 4096;

/// The length of the white space character at `at`, 0 for none: Unicode's, in UTF-8.
std::size_t space_at(std::string_view text, std::size_t at) {
  const auto octet = [&](std::size_t i) {
    return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0U;
  };
  if (is_space(text[at])) return 1;
  switch (octet(0)) {
    case 0xC2:
      return octet(1) == 0x85 || octet(1) == 0xA0 ? 2 : 0;  // NEL, NBSP
    case 0xE1:
      return octet(1) == 0x9A && octet(2) == 0x80 ? 3 : 0;  // U+1680
    case 0xE3:
      return octet(1) == 0x80 && octet(2) == 0x80 ? 3 : 0;  // U+3000
    case 0xE2: {
      const auto last = octet(2);
      if (octet(1) == 0x81) return last == 0x9F ? 3 : 0;  // U+205F
      if (octet(1) != 0x80) return 0;
      return (last >= 0x80 && last <= 0x8A) || last == 0xA8 || last == 0xA9 || last == 0xAF ? 3 : 0;
    }
    default:
      return 0;
  }
}

/// A run of white space with two or more line ends in it is a paragraph mark; the blanks around
/// the line ends stay as one each, which is what SpamAssassin's rules were written against.
std::string evened_out(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    std::size_t length = space_at(text, at);
    if (length == 0) {
      out += text[at++];
      continue;
    }
    const std::size_t start = at;
    std::size_t lines = 0;
    std::size_t first = 0;
    std::size_t last = 0;
    for (; length > 0; length = at < text.size() ? space_at(text, at) : 0) {
      if (text[at] == '\n') {
        if (lines++ == 0) first = at;
        last = at;
      }
      at += length;
    }
    if (lines < 2) {
      out += ' ';
      continue;
    }
    if (first > start) out += ' ';
    out += '\n';
    if (last + 1 < at) out += ' ';
  }
  return out;
}

}  // namespace

void append_paragraphs(std::string_view text, std::vector<std::string>& out) {
  const std::string even = evened_out(text);
  std::string_view rest = even;
  while (!rest.empty()) {
    const auto end = rest.find('\n');
    auto line = rest.substr(0, end == std::string_view::npos ? end : end + 1);
    rest.remove_prefix(line.size());
    while (line.size() > longest_paragraph) {
      const auto blank = line.rfind(' ', longest_paragraph - 1);
      const auto length = blank == std::string_view::npos ? longest_paragraph : blank + 1;
      out.emplace_back(line.substr(0, length));
      line.remove_prefix(length);
    }
    if (!line.empty()) out.emplace_back(line);
  }
}

void append_chunks(std::string_view text, std::vector<std::string>& out) {
  while (text.size() > most_chunk) {
    const auto end = text.substr(0, most_chunk).find_last_of("\n> ");
    const auto length =
        end == std::string_view::npos || end + 1 < least_chunk ? most_chunk : end + 1;
    out.emplace_back(text.substr(0, length));
    text.remove_prefix(length);
  }
  if (!text.empty()) out.emplace_back(text);
}

}  // namespace postern
