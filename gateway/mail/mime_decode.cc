#include "gateway/mail/mime_decode.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "gateway/base/bytes.h"
#include "gateway/mail/charset.h"

namespace postern {

namespace {

constexpr std::uint8_t not_base64 = 255;
constexpr std::array<std::uint8_t, 256> base64_values = [] {
  std::array<std::uint8_t, 256> table{};
  table.fill(not_base64);
  constexpr std::string_view alphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (std::size_t i = 0; i < alphabet.size(); ++i) {
    table[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
  }
  return table;
}();

constexpr std::uint8_t base64_value(char c) { return base64_values[static_cast<unsigned char>(c)]; }

constexpr int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  const char small = lower(c);
  return small >= 'a' && small <= 'f' ? small - 'a' + 10 : -1;
}

/// The octet that two hexadecimal digits at `at` stand for, or -1.
int hex_pair(std::string_view text, std::size_t at) {
  if (text.size() < 2 || at > text.size() - 2) return -1;
  const int high = hex_value(text[at]);
  const int low = hex_value(text[at + 1]);
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

/// Foreign octets are skipped (RFC 2045 §6.8). Padding ends a group, and what follows is read as a
/// new one: that is what most readers show for encodings that were glued together.
std::string decode_base64(std::string_view octets, std::size_t limit) {
  std::string out;
  out.reserve(std::min(octets.size() / 4 * 3 + 3, limit));
  std::uint32_t group = 0;
  unsigned count = 0;
  const auto flush = [&] {
    for (unsigned i = 0; i + 1 < count && out.size() < limit; ++i) {
      out += static_cast<char>((group << (6 * (4 - count))) >> (16 - 8 * i) & 0xff);
    }
    group = 0;
    count = 0;
  };
  for (const char c : octets) {
    if (out.size() >= limit) return out;
    const auto value = base64_value(c);
    if (value == not_base64) {
      if (c == '=') flush();
      continue;
    }
    group = (group << 6) | value;
    if (++count == 4) flush();
  }
  flush();
  return out;
}

/// RFC 2045 §6.7. An '=' without two digits stays as it is; blanks at the end of a line were put
/// there on the way and go (rule 3).
std::string decode_quoted_printable(std::string_view octets, std::size_t limit) {
  std::string out;
  std::size_t at = 0;
  while (at < octets.size() && out.size() < limit) {
    auto end = octets.find('\n', at);
    const bool ended = end != std::string_view::npos;
    if (!ended) end = octets.size();
    const std::string_view line = octets.substr(at, end - at);
    at = end + ended;

    const bool carriage_return = ended && line.ends_with('\r');
    std::string_view text = line.substr(0, line.size() - carriage_return);
    while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
    const bool soft = text.ends_with('=');
    if (soft) text.remove_suffix(1);
    for (std::size_t i = 0; i < text.size(); ++i) {
      const int octet = text[i] == '=' ? hex_pair(text, i + 1) : -1;
      out += octet < 0 ? text[i] : static_cast<char>(octet);
      if (octet >= 0) i += 2;
    }
    if (ended && !soft) out += carriage_return ? "\r\n" : "\n";
  }
  if (out.size() > limit) out.resize(limit);
  return out;
}

/// RFC 2047 §4.2: quoted-printable with '_' for the blank.
std::string decode_q(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int octet = text[i] == '=' ? hex_pair(text, i + 1) : -1;
    if (octet >= 0) {
      out += static_cast<char>(octet);
      i += 2;
    } else {
      out += text[i] == '_' ? ' ' : text[i];
    }
  }
  return out;
}

struct EncodedWord {
  std::string_view charset;
  std::string_view text;
  bool base64 = false;
  std::size_t size = 0;  // with "=?" and "?="; 0 where none stood there
};

/// The encoded word at the start of `text`, which begins with "=?". Each search ends at the next
/// '?', so that a field full of beginnings costs no more than its length. Blanks inside are
/// forbidden and frequent.
EncodedWord read_encoded_word(std::string_view text) {
  const auto charset_end = text.find('?', 2);
  if (charset_end == std::string_view::npos || charset_end == 2) return {};
  if (text.size() < charset_end + 5 || text[charset_end + 2] != '?') return {};
  const char encoding = lower(text[charset_end + 1]);
  if (encoding != 'b' && encoding != 'q') return {};
  const auto start = charset_end + 3;
  const auto end = text.find('?', start);
  if (end == std::string_view::npos || end + 1 >= text.size() || text[end + 1] != '=') return {};

  EncodedWord out;
  out.charset = text.substr(2, charset_end - 2);
  out.charset = out.charset.substr(0, out.charset.find('*'));  // RFC 2231 §5: a language
  out.text = text.substr(start, end - start);
  out.base64 = encoding == 'b';
  out.size = end + 2;
  return out;
}

}  // namespace

std::string decode_body(std::string_view octets, std::string_view encoding, std::size_t limit) {
  if (encoding == "base64") return decode_base64(octets, limit);
  if (encoding == "quoted-printable") return decode_quoted_printable(octets, limit);
  return std::string(octets.substr(0, limit));
}

bool damaged_base64(std::string_view octets) {
  std::size_t count = 0;
  std::size_t padding = 0;
  for (const char c : octets) {
    if (base64_value(c) != not_base64) {
      if (padding > 0) return true;
      ++count;
    } else if (c == '=') {
      ++padding;
    } else if (!is_space(c)) {
      return true;
    }
  }
  return count % 4 == 1 || padding != (4 - count % 4) % 4;
}

std::string decode_encoded_words(std::string_view text) {
  std::string out;
  std::string pending;  // decoded octets of neighbours, not yet converted
  std::string_view charset;
  std::size_t plain = 0;  // where the text begins that is not yet written
  bool after_word = false;
  const auto convert = [&] {
    out += to_utf8(pending, charset);
    pending.clear();
  };

  for (std::size_t at = 0; (at = text.find("=?", at)) != std::string_view::npos;) {
    const auto word = read_encoded_word(text.substr(at));
    if (word.size == 0) {
      at += 2;
      continue;
    }
    const auto between = text.substr(plain, at - plain);
    // RFC 2047 §6.2: blanks between two encoded words are not shown.
    const bool neighbours = after_word && trim(between).empty();
    if (!neighbours || !equals_ignoring_case(charset, word.charset)) convert();
    if (!neighbours) out += to_utf8(between, "");
    charset = word.charset;
    pending += word.base64 ? decode_base64(word.text, word.text.size()) : decode_q(word.text);
    after_word = true;
    at += word.size;
    plain = at;
  }
  convert();
  out += to_utf8(text.substr(plain), "");
  return out;
}

std::string decode_percent(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int octet = text[i] == '%' ? hex_pair(text, i + 1) : -1;
    out += octet < 0 ? text[i] : static_cast<char>(octet);
    if (octet >= 0) i += 2;
  }
  return out;
}

std::string decode_extended_value(std::string_view text) {
  const auto first = text.find('\'');
  const auto second = first == std::string_view::npos ? first : text.find('\'', first + 1);
  if (second == std::string_view::npos) return to_utf8(decode_percent(text), "utf-8");
  return to_utf8(decode_percent(text.substr(second + 1)), text.substr(0, first));
}

}  // namespace postern
