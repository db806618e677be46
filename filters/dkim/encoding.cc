#include "filters/dkim/encoding.h"

#include <array>
#include <cstdint>

#include "gateway/base/bytes.h"

namespace postern::dkim {
namespace {

constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::int8_t no_digit = -1;

constexpr std::array<std::int8_t, 256> digits = [] {
  std::array<std::int8_t, 256> out{};
  out.fill(no_digit);
  for (std::size_t i = 0; i < alphabet.size(); ++i)
    out[static_cast<unsigned char>(alphabet[i])] = static_cast<std::int8_t>(i);
  return out;
}();

int hex_digit(char c) {
  if (is_digit(c)) return c - '0';
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;  // §2.11: capitals only
}

}  // namespace

std::optional<std::string> decode_base64(std::string_view text) {
  std::string out;
  out.reserve(text.size() / 4 * 3);
  std::uint32_t bits = 0;
  unsigned have = 0, padding = 0;
  for (const char c : text) {
    if (is_blank(c) || c == '\r' || c == '\n') continue;
    const auto digit = digits[static_cast<unsigned char>(c)];
    if (c == '=') ++padding;
    if ((digit == no_digit && c != '=') || (digit != no_digit && padding > 0)) return {};
    bits = bits << 6 | static_cast<std::uint32_t>(c == '=' ? 0 : digit);
    if (++have % 4 != 0) continue;
    for (const unsigned shift : {16U, 8U, 0U}) out += static_cast<char>(bits >> shift & 0xff);
    bits = 0;
  }
  if (have % 4 != 0 || padding > 2 || padding > have) return {};
  out.resize(out.size() - padding);
  return out;
}

std::optional<std::string> decode_quoted(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_blank(text[i]) || text[i] == '\r' || text[i] == '\n') continue;
    if (text[i] != '=') {
      out += text[i];
      continue;
    }
    const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
    const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
    if (high < 0 || low < 0) return {};
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return out;
}

}  // namespace postern::dkim
