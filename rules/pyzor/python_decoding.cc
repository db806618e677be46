#include "rules/pyzor/python_decoding.h"

#include <array>
#include <span>

#include "gateway/base/bytes.h"
#include "gateway/mail/charset.h"
#include "rules/pyzor/python_codecs.h"

namespace postern {
namespace {

int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  const char small = lower(c);
  return small >= 'a' && small <= 'f' ? small - 'a' + 10 : -1;
}

/// binascii.a2b_qp: blanks before a line end stay, "==" is '=', a '=' that starts nothing is '='.
std::string undo_quoted_printable(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] != '=') {
      out += text[at++];
      continue;
    }
    if (++at == text.size()) break;
    if (text[at] == '\n' || text[at] == '\r') {
      const auto end = text.find('\n', at);
      at = end == std::string_view::npos ? text.size() : end + 1;
    } else if (text[at] == '=') {
      out += text[at++];
    } else if (at + 1 < text.size() && hex_value(text[at]) >= 0 && hex_value(text[at + 1]) >= 0) {
      out += static_cast<char>(hex_value(text[at]) << 4 | hex_value(text[at + 1]));
      at += 2;
    } else {
      out += '=';
    }
  }
  return out;
}

constexpr auto base64_values = [] {
  std::array<signed char, 256> out{};
  out.fill(-1);
  constexpr std::string_view alphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (std::size_t i = 0; i < alphabet.size(); ++i)
    out[static_cast<unsigned char>(alphabet[i])] = static_cast<signed char>(i);
  return out;
}();

struct Base64 {
  std::string octets;
  bool strict = true;     // nothing but the alphabet, padding at the end and only there
  bool whole = false;     // ended with a group of four
  bool one_over = false;  // one character is left: no number of '=' makes a group of it
};

/// binascii.a2b_base64.
Base64 undo_base64(std::string_view text, std::size_t padding) {
  Base64 out;
  out.octets.reserve(text.size() / 4 * 3 + 3);
  unsigned group = 0;
  unsigned bits = 0;
  unsigned pads = 0;
  bool padded = false;
  for (std::size_t at = 0; at < text.size() + padding; ++at) {
    const char c = at < text.size() ? text[at] : '=';
    if (c == '=') {
      padded = true;
      if (group == 0) out.strict = false;
      if (group >= 2 && group + ++pads >= 4) {
        if (at + 1 < text.size() + padding) out.strict = false;
        out.whole = true;
        return out;
      }
      continue;
    }
    const auto value = base64_values[static_cast<unsigned char>(c)];
    if (value < 0) {
      out.strict = false;
      continue;
    }
    if (padded) out.strict = false;
    pads = 0;
    bits = bits << 6 | static_cast<unsigned>(value);
    if (group > 0) out.octets += static_cast<char>(bits >> (6 - 2 * group) & 0xff);
    group = (group + 1) % 4;
  }
  out.whole = group == 0;
  out.one_over = group == 1;
  return out;
}

/// The email package's three attempts (_encoded_words.py, decode_b).
std::string decode_base64(std::string_view payload) {
  std::string text;
  text.reserve(payload.size());
  for (const char c : payload) {
    if (c != '\r' && c != '\n') text += c;
  }
  const std::size_t missing = text.size() % 4 == 0 ? 0 : 4 - text.size() % 4;
  auto strict = undo_base64(text, missing);
  if (strict.strict && strict.whole) return std::move(strict.octets);
  auto plain = undo_base64(text, 0);
  if (plain.whole) return std::move(plain.octets);
  auto padded = undo_base64(text, 2);
  return padded.whole ? std::move(padded.octets) : text;
}

/// The character that begins `text` and its length; a length of 0 for octets that are no UTF-8.
struct Decoded {
  char32_t character = 0;
  std::size_t size = 0;
};
Decoded first_character(std::string_view text) {
  const auto octet = [text](std::size_t i) -> unsigned {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
  };
  const unsigned first = octet(0);
  if (first < 0x80) return {first, 1};
  const std::size_t size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4) return {};
  char32_t character = first & (0xffU >> (size + 1));
  for (std::size_t i = 1; i < size; ++i) {
    if ((octet(i) & 0xc0U) != 0x80) return {};
    character = character << 6 | (octet(i) & 0x3fU);
  }
  constexpr std::array<char32_t, 5> least{0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = character >= 0xd800 && character <= 0xdfff;
  if (character < least[size] || character > 0x10ffff || surrogate) return {};
  return {character, size};
}

std::u32string ascii_characters(std::string_view octets) {
  std::u32string out;
  out.reserve(octets.size());
  for (const char c : octets) {
    if (static_cast<unsigned char>(c) < 0x80) out += static_cast<char32_t>(c);
  }
  return out;
}

}  // namespace

std::string python_payload(std::string_view payload, std::string_view encoding) {
  if (encoding == "quoted-printable") return undo_quoted_printable(payload);
  if (encoding == "base64") return decode_base64(payload);
  return std::string(payload);
}

std::u32string characters_of(std::string_view utf8) {
  std::u32string out;
  out.reserve(utf8.size());
  while (!utf8.empty()) {
    const auto [character, size] = first_character(utf8);
    if (size > 0) out += character;
    utf8.remove_prefix(size > 0 ? size : 1);
  }
  return out;
}

std::u32string python_characters(std::string_view octets, std::string_view charset) {
  const auto codec = charset.empty() ? PythonCodec{} : python_codec(charset);
  switch (codec.kind) {
    case PythonCodec::Kind::ascii:
      return ascii_characters(octets);
    case PythonCodec::Kind::utf8:
      return characters_of(octets);
    case PythonCodec::Kind::latin1: {
      std::u32string out;
      out.reserve(octets.size());
      for (const char c : octets) out += static_cast<unsigned char>(c);
      return out;
    }
    case PythonCodec::Kind::converted:
      break;
  }
  auto converter = codec.converter;
  if (converter == "UTF-16") {  // little endian, if a mark does not say otherwise
    converter = octets.starts_with("\xfe\xff") ? "UTF-16BE" : "UTF-16LE";
    if (octets.starts_with("\xfe\xff") || octets.starts_with("\xff\xfe")) octets.remove_prefix(2);
  }
  const auto converted = convert_leniently(octets, converter);
  if (!converted) return ascii_characters(octets);
  auto out = characters_of(*converted);
  // iconv has control characters where the Asian tables of Python have nothing.
  const bool controls = !converter.starts_with("EUC-") && !converter.starts_with("BIG5");
  std::erase_if(
      out, [controls](char32_t c) { return c == 0xfffd || (!controls && c >= 0x80 && c <= 0x9f); });
  return out;
}

void append_utf8(char32_t character, std::string& out) {
  const auto put = [&out](char32_t octet) { out += static_cast<char>(octet); };
  const auto put_tail = [&](int shift) { put(0x80 | (character >> shift & 0x3f)); };
  if (character < 0x80) return put(character);
  if (character < 0x800) {
    put(0xc0 | character >> 6);
  } else if (character < 0x10000) {
    put(0xe0 | character >> 12);
    put_tail(6);
  } else {
    put(0xf0 | character >> 18);
    put_tail(12);
    put_tail(6);
  }
  put_tail(0);
}

}  // namespace postern
