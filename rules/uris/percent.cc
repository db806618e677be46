#include "rules/uris/percent.h"

#include <cstddef>

#include "gateway/base/bytes.h"

namespace postern {
namespace {

constexpr int no_hex = -1;

int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  const char folded = lower(c);
  return folded >= 'a' && folded <= 'f' ? folded - 'a' + 10 : no_hex;
}

/// The octet that is encoded at the front of the text, or -1.
int octet_at_front(std::string_view text) {
  if (text.size() < 3 || text[0] != '%') return no_hex;
  const int high = hex_value(text[1]);
  const int low = hex_value(text[2]);
  return high == no_hex || low == no_hex ? no_hex : high * 16 + low;
}

bool must_be_encoded(char c) {
  const auto octet = static_cast<unsigned char>(c);
  return octet <= 0x20 || octet >= 0x7f || c == '"' || c == '%' || c == '<' || c == '>';
}

struct Step {
  std::size_t read = 1;
  std::string written;
};

Step encoded_at_front(std::string_view text, bool as_characters) {
  const char c = text.front();
  if (const int octet = octet_at_front(text); octet != no_hex) {
    const bool visible = octet > 0x20 && octet < 0x7f;
    return {3, visible ? std::string(1, static_cast<char>(octet)) : std::string(text.substr(0, 3))};
  }
  if (!as_characters || static_cast<unsigned char>(c) < 0x80)
    return {1, must_be_encoded(c) ? '%' + hex({&c, 1}) : std::string(1, c)};
  // C2 and C3 start the characters up to U+00FF.
  const bool low = text.size() > 1 && (c == '\xc2' || c == '\xc3');
  if (!low) return {1, std::string(1, c)};
  const char latin = static_cast<char>(text[1] + (c == '\xc3' ? 0x40 : 0));
  return {2, '%' + hex({&latin, 1})};
}

}  // namespace

bool has_percent_encoding(std::string_view uri) {
  for (auto at = uri.find('%'); at != std::string_view::npos; at = uri.find('%', at + 1)) {
    if (octet_at_front(uri.substr(at)) != no_hex) return true;
  }
  return false;
}

std::string with_plain_encoding(std::string_view uri, bool as_characters) {
  std::string out;
  out.reserve(uri.size());
  while (!uri.empty()) {
    const auto [read, written] = encoded_at_front(uri, as_characters);
    out += written;
    uri.remove_prefix(read);
  }
  return out;
}

}  // namespace postern
