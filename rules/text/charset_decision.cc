#include "rules/text/charset_decision.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

#include "gateway/base/bytes.h"
#include "gateway/mail/address.h"
#include "gateway/mail/charset.h"
#include "rules/text/charset_names.h"

namespace postern {
namespace {

constexpr std::string_view replacement = "\xef\xbf\xbd";

std::uint8_t octet_of(char c) { return static_cast<std::uint8_t>(c); }

/// Windows-1252 from 0x80 to 0x9f; 0 where it has no character.
constexpr std::array<std::uint16_t, 32> windows_1252 = {
    0x20ac, 0,      0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160,
    0x2039, 0x0152, 0,      0x017d, 0,      0,      0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
    0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0,      0x017e, 0x0178};

void append_utf8(std::uint16_t character, std::string& out) {
  if (character < 0x800) {
    out += static_cast<char>(0xc0 | character >> 6);
  } else {
    out += static_cast<char>(0xe0 | character >> 12);
    out += static_cast<char>(0x80 | (character >> 6 & 0x3f));
  }
  out += static_cast<char>(0x80 | (character & 0x3f));
}

/// The most frequent conversion by far, so it goes past iconv. Nothing where `strict` and an octet
/// has no character.
std::optional<std::string> from_windows_1252(std::string_view octets, bool strict) {
  std::string out;
  out.reserve(octets.size() + octets.size() / 8);
  for (const char c : octets) {
    const auto octet = octet_of(c);
    if (octet < 0x80) {
      out += c;
      continue;
    }
    const std::uint16_t character = octet < 0xa0 ? windows_1252[octet - 0x80U] : octet;
    if (character != 0) {
      append_utf8(character, out);
    } else if (strict) {
      return {};
    } else {
      out += replacement;
    }
  }
  return out;
}

bool is_ascii(std::string_view text) {
  std::uint8_t bits = 0;
  for (const char c : text) bits |= octet_of(c);
  return bits < 0x80;
}

/// U+FDD0…U+FDEF and the last two of each plane: well formed, and refused by Encode.
bool has_noncharacter(std::string_view text) {
  for (std::size_t i = 0; i + 2 < text.size(); ++i) {
    const auto octet = [&](std::size_t n) { return octet_of(text[i + n]); };
    if (octet(0) < 0xef) continue;
    if (octet(0) == 0xef) {
      if (octet(1) == 0xb7 && octet(2) >= 0x90 && octet(2) <= 0xaf) return true;
      if (octet(1) == 0xbf && octet(2) >= 0xbe) return true;
    } else if (i + 3 < text.size() && (octet(1) & 0x0f) == 0x0f && octet(2) == 0xbf &&
               octet(3) >= 0xbe) {
      return true;
    }
  }
  return false;
}

bool is_strict_utf8(std::string_view text) { return valid_utf8(text) && !has_noncharacter(text); }

/// One U+FFFD for as much as could have begun a character.
std::string repaired_utf8(std::string_view octets) {
  std::string out;
  out.reserve(octets.size());
  while (!octets.empty()) {
    const auto lead = octet_of(octets.front());
    const std::size_t length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    auto piece = octets.substr(0, length);
    if (piece.size() == length && is_strict_utf8(piece)) {
      out += piece;
      octets.remove_prefix(length);
      continue;
    }
    std::size_t bad = 1;
    while (lead >= 0xc2 && bad < piece.size() && (octet_of(piece[bad]) & 0xc0) == 0x80) ++bad;
    out += replacement;
    octets.remove_prefix(bad);
  }
  return out;
}

bool is_us_ascii(std::string_view charset) { return charset == "us-ascii" || charset == "ascii"; }
bool is_utf8(std::string_view charset) { return charset == "utf-8" || charset == "utf8"; }
bool is_utf16(std::string_view charset) {
  return charset.starts_with("utf-16") || charset.starts_with("utf16") ||
         charset.starts_with("utf 16");
}

/// Charsets in which pure ASCII may mean something else.
bool hides_behind_ascii(std::string_view converter) {
  static constexpr std::array<std::string_view, 4> starts{"ISO-2022", "UTF-7", "UTF-32", "UCS-2"};
  return std::ranges::any_of(starts, [=](auto start) { return converter.starts_with(start); });
}

/// "gb18030", "GB 18030-2005": Encode does not have it, GBK stands for it.
bool is_gb18030(std::string_view charset) {
  if (!charset.starts_with("gb")) return false;
  charset.remove_prefix(2);
  if (charset.starts_with(' ') || charset.starts_with('-')) charset.remove_prefix(1);
  if (!charset.starts_with("18030")) return false;
  charset.remove_prefix(5);
  return charset.empty() || (charset.size() == 5 && charset.starts_with("-20") &&
                             is_digit(charset[3]) && is_digit(charset[4]));
}

/// Shift JIS as Encode has it: the two ASCII characters that JIS put others for stay.
std::string with_ascii_of_shift_jis(std::string text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto rest = std::string_view(text).substr(at);
    if (rest.starts_with("\xc2\xa5")) {
      out += '\\';
      at += 1;
    } else if (rest.starts_with("\xe2\x80\xbe")) {
      out += '~';
      at += 2;
    } else {
      out += text[at];
    }
  }
  return out;
}

/// By the declared charset; nothing where it is unknown, or where `strict` and octets are not of
/// it.
std::optional<std::string> decoded(std::string_view octets, std::string_view charset, bool strict) {
  if (is_utf8(charset)) {
    if (strict) return {};  // it was tried before
    return repaired_utf8(octets);
  }
  const auto converter = is_gb18030(charset) ? "CP936" : converter_of(charset);
  if (converter.empty()) return {};
  if (converter == "CP1252") return from_windows_1252(octets, strict);
  if (!hides_behind_ascii(converter) && is_ascii(octets)) return std::string(octets);
  // Encode drops what stands behind the first octet that cannot be in a 7-bit encoding.
  if (converter.starts_with("ISO-2022")) {
    const auto foreign = std::ranges::find_if(octets, [](char c) { return octet_of(c) > 0x7f; });
    octets = octets.substr(0, static_cast<std::size_t>(foreign - octets.begin()));
  }
  auto out = strict ? convert_strictly(octets, converter) : convert_leniently(octets, converter);
  if (out && converter == "SHIFT_JIS") return with_ascii_of_shift_jis(std::move(*out));
  return out;
}

/// The byte order of UTF-16 by where blanks and zeros are; "" where it cannot be told, and with a
/// byte order mark, which SpamAssassin leaves to a decoder that it then does not ask.
std::string_view utf16_converter(std::string_view octets) {
  if (octets.starts_with("\xff\xfe") || octets.starts_with("\xfe\xff")) return {};
  std::size_t little = 0;
  std::size_t big = 0;
  std::size_t even = 0;  // sums of half octets
  std::size_t odd = 0;
  for (std::size_t i = 0; i < octets.size(); i += 2) {
    const unsigned first = octet_of(octets[i]);
    const unsigned second = i + 1 < octets.size() ? octet_of(octets[i + 1]) : 0U;
    even += (first >> 4) + (first & 15U);
    odd += (second >> 4) + (second & 15U);
    little += first == 0x20 && second == 0;
    big += first == 0 && second == 0x20;
  }
  little += even > odd * 4;
  big += odd * 4 > even;
  if (little == big) return {};
  return little > big ? "UTF-16LE" : "UTF-16BE";
}

}  // namespace

std::string text_as_utf8(std::string_view octets, std::string_view declared) {
  const std::string charset = to_lower(declared);
  const bool ascii = is_ascii(octets);
  if (!ascii && is_strict_utf8(octets)) return std::string(octets);
  std::optional<std::string> out;
  if (is_utf16(charset)) {
    out = convert_strictly(octets, utf16_converter(octets));
  } else if (!is_us_ascii(charset)) {
    out = decoded(octets, charset, true);
  }
  if (out) return std::move(*out);
  return ascii ? std::string(octets) : *from_windows_1252(octets, false);
}

std::string word_as_utf8(std::string_view octets, std::string_view declared) {
  const std::string charset = to_lower(declared);
  std::optional<std::string> out;
  if (is_utf16(charset)) {
    if (convert_strictly(octets, utf16_converter(octets))) return std::string(octets);
  } else {
    out = decoded(octets, charset, false);
  }
  if (out) return std::move(*out);
  return is_ascii(octets) ? std::string(octets) : *from_windows_1252(octets, false);
}

}  // namespace postern
