#include "rules/parts/white_space.h"

#include <array>
#include <cstdint>

#include "gateway/base/bytes.h"

namespace postern {
namespace {

/// Octets that end a span which is copied as it stands: white space, NUL, and the first octets of
/// Unicode's white space.
constexpr std::array<bool, 256> interesting = [] {
  std::array<bool, 256> table{};
  for (const unsigned octet :
       {0x00U, 0x09U, 0x0aU, 0x0bU, 0x0cU, 0x0dU, 0x20U, 0xc2U, 0xe1U, 0xe2U, 0xe3U}) {
    table[octet] = true;
  }
  return table;
}();

bool is_interesting(char c) { return interesting[static_cast<unsigned char>(c)]; }

/// U+0085 U+00A0 U+1680 U+2000-200A U+2028 U+2029 U+202F U+205F U+3000.
std::size_t unicode_space_at(std::string_view text, std::size_t at) {
  const auto octet = [&](std::size_t i) {
    return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0U;
  };
  const auto last = octet(2);
  switch (octet(0)) {
    case 0xC2:
      return octet(1) == 0x85 || octet(1) == 0xA0 ? 2 : 0;
    case 0xE1:
      return octet(1) == 0x9A && last == 0x80 ? 3 : 0;
    case 0xE3:
      return octet(1) == 0x80 && last == 0x80 ? 3 : 0;
    case 0xE2:
      if (octet(1) == 0x81) return last == 0x9F ? 3 : 0;
      if (octet(1) != 0x80) return 0;
      return (last >= 0x80 && last <= 0x8A) || last == 0xA8 || last == 0xA9 || last == 0xAF ? 3 : 0;
    default:
      return 0;
  }
}

/// The octets of the white space character at `at`, 0 for none.
std::size_t space_at(std::string_view text, std::size_t at, bool unicode) {
  if (at >= text.size()) return 0;
  if (is_space(text[at])) return 1;
  return unicode ? unicode_space_at(text, at) : 0;
}

}  // namespace

std::string evened_out(std::string_view text, bool unicode) {
  std::string out;
  out.reserve(text.size());
  std::size_t copied = 0;
  for (std::size_t at = 0; at < text.size();) {
    const bool plain_blank =
        text[at] == ' ' && at + 1 < text.size() && !is_interesting(text[at + 1]);
    if (plain_blank || !is_interesting(text[at])) {
      ++at;
      continue;
    }
    const auto start = at;
    const bool is_nul = text[at] == '\0';
    std::size_t lines = 0;
    std::size_t first = 0;
    std::size_t last = 0;
    for (std::size_t size = 0; (size = space_at(text, at, unicode)) > 0; at += size) {
      if (text[at] != '\n') continue;
      if (lines++ == 0) first = at;
      last = at;
    }
    if (at == start && !is_nul) {
      ++at;
      continue;
    }
    out.append(text, copied, start - copied);
    if (is_nul) {
      out += '\n';
      ++at;
    } else if (lines < 2) {
      out += ' ';
    } else {
      if (first > start) out += ' ';
      out += '\n';
      if (last + 1 < at) out += ' ';
    }
    copied = at;
  }
  out.append(text, copied);
  return out;
}

}  // namespace postern
