#include "gateway/base/bytes.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cstring>

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

namespace postern {

std::string to_lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), lower);
  return out;
}

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(),
                                            [](char x, char y) { return lower(x) == lower(y); });
}

bool starts_with_ignoring_case(std::string_view text, std::string_view prefix) {
  return text.size() >= prefix.size() &&
         equals_ignoring_case(text.substr(0, prefix.size()), prefix);
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> out;
  for (;;) {
    const auto at = text.find(separator);
    out.push_back(text.substr(0, at));
    if (at == std::string_view::npos) return out;
    text.remove_prefix(at + 1);
  }
}

std::vector<std::string_view> words(std::string_view text) {
  std::vector<std::string_view> out;
  const auto separates = [](char c) { return is_space(c) || c == ','; };
  for (std::size_t i = 0; i < text.size();) {
    while (i < text.size() && separates(text[i])) ++i;
    const auto start = i;
    while (i < text.size() && !separates(text[i])) ++i;
    if (i > start) out.push_back(text.substr(start, i - start));
  }
  return out;
}

std::optional<std::uint64_t> parse_number(std::string_view text, std::uint64_t maximum) {
  if (text.empty() || !is_digit(text.front())) return std::nullopt;
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value > maximum)
    return std::nullopt;
  return value;
}

std::string hex(std::string_view octets) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string out;
  out.reserve(octets.size() * 2);
  for (const char c : octets) {
    const auto octet = static_cast<unsigned char>(c);
    out += digits[octet >> 4];
    out += digits[octet & 15];
  }
  return out;
}

std::string printable(std::string_view text, std::size_t limit) {
  const auto special = [](char c) {
    const auto octet = static_cast<unsigned char>(c);
    return octet < 0x20 || octet > 0x7e || c == '"' || c == '\\';
  };
  if (text.size() <= limit && std::ranges::none_of(text, special)) return std::string(text);
  std::string out;
  for (const char c : text.substr(0, limit)) {
    if (special(c)) {
      out += "\\x" + hex(std::string_view(&c, 1));
    } else {
      out += c;
    }
  }
  if (text.size() > limit) out += "…";
  return out;
}

namespace {
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replace = diagonal + (a[i - 1] != b[j - 1]);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replace});
    }
  }
  return row[b.size()];
}
}  // namespace

std::optional<std::string> nearest(std::string_view name, const std::vector<std::string>& known) {
  std::optional<std::string> best;
  std::size_t distance = std::max<std::size_t>(2, name.size() / 3) + 1;
  for (const auto& candidate : known) {
    // No edits bridge a difference in length but as many insertions; what is compared stays short.
    if (std::max(name.size(), candidate.size()) - std::min(name.size(), candidate.size()) >=
        distance)
      continue;
    const auto d = edit_distance(name, candidate);
    if (d < distance) {
      distance = d;
      best = candidate;
    }
  }
  return best;
}

namespace {
constexpr std::array<std::uint32_t, 256> castagnoli = [] {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t c = i;
    for (int bit = 0; bit < 8; ++bit) c = (c >> 1) ^ (c & 1 ? 0x82f63b78U : 0U);
    table[i] = c;
  }
  return table;
}();

std::uint32_t crc32c_by_table(std::string_view octets, std::uint32_t crc) {
  for (const char c : octets)
    crc = (crc >> 8) ^ castagnoli[(crc ^ static_cast<unsigned char>(c)) & 0xff];
  return crc;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) std::uint32_t crc32c_by_instruction(std::string_view octets,
                                                                      std::uint32_t crc) {
  std::uint64_t wide = crc;
  while (octets.size() >= 8) {
    std::uint64_t word;
    std::memcpy(&word, octets.data(), 8);
    wide = _mm_crc32_u64(wide, word);
    octets.remove_prefix(8);
  }
  crc = static_cast<std::uint32_t>(wide);
  for (const char c : octets) crc = _mm_crc32_u8(crc, static_cast<unsigned char>(c));
  return crc;
}
#endif
}  // namespace

std::uint32_t crc32c(std::string_view octets, std::uint32_t seed) {
#if defined(__x86_64__)
  static const bool has_instruction = __builtin_cpu_supports("sse4.2");
  if (has_instruction) return ~crc32c_by_instruction(octets, ~seed);
#endif
  return ~crc32c_by_table(octets, ~seed);
}

}  // namespace postern
