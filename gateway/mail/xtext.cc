// xtext.cc — the armour of RFC 3461 §4 for values in ESMTP parameters; declared in address.h.
#include "gateway/base/bytes.h"
#include "gateway/mail/address.h"

namespace postern {

namespace {

constexpr bool is_xchar(char c) { return c >= '!' && c <= '~' && c != '+' && c != '='; }

constexpr int digit_value(char c) {
  if (is_digit(c)) return c - '0';
  const char small = lower(c);
  return small >= 'a' && small <= 'f' ? small - 'a' + 10 : -1;
}

}  // namespace

Result<std::string> decode_xtext(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_xchar(text[i])) {
      out += text[i];
      continue;
    }
    const int high = text[i] == '+' && text.size() - i > 2 ? digit_value(text[i + 1]) : -1;
    const int low = high >= 0 ? digit_value(text[i + 2]) : -1;
    if (low < 0) return fail(std::errc::invalid_argument, "not xtext");
    const int octet = high * 16 + low;
    if (octet < 0x20 || octet == 0x7f) {
      return fail(std::errc::invalid_argument, "a control character in xtext");
    }
    out += static_cast<char>(octet);
    i += 2;
  }
  return out;
}

std::string encode_xtext(std::string_view text) {
  static constexpr char digits[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    if (is_xchar(c)) {
      out += c;
      continue;
    }
    const auto octet = static_cast<unsigned char>(c);
    out += '+';
    out += digits[octet >> 4];
    out += digits[octet & 15];
  }
  return out;
}

}  // namespace postern
