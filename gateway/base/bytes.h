// bytes.h — looking at octets: the string functions that everything here needs.
//
// ASCII only, by intent: SMTP verbs, header names and domain names compare without regard to case
// in ASCII; the locale must never have a say (RFC 5321 §2.4).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postern {

constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }
constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_alpha(char c) { return lower(c) >= 'a' && lower(c) <= 'z'; }
constexpr bool is_blank(char c) { return c == ' ' || c == '\t'; }
constexpr bool is_space(char c) {
  return is_blank(c) || c == '\r' || c == '\n' || c == '\f' || c == '\v';
}

std::string to_lower(std::string_view text);
bool equals_ignoring_case(std::string_view a, std::string_view b);
bool starts_with_ignoring_case(std::string_view text, std::string_view prefix);

/// Without white space (blank, tab, CR, LF, FF, VT) at both ends.
std::string_view trim(std::string_view text);

/// The pieces between separators, empty ones included; "" gives one empty piece.
std::vector<std::string_view> split(std::string_view text, char separator);
/// The words between runs of white space and commas, none of them empty.
std::vector<std::string_view> words(std::string_view text);

/// A whole decimal number within [0, maximum], or nothing: no sign, no blank, no overflow.
std::optional<std::uint64_t> parse_number(std::string_view text,
                                          std::uint64_t maximum = UINT64_MAX);

std::string hex(std::string_view octets);

/// For logs and replies: control characters, quotes and octets above 0x7e become \xHH; at most
/// `limit` octets are shown, then "…".
std::string printable(std::string_view text, std::size_t limit = 200);

/// The names in `known` that are near to `name` by edit distance: what a typing error meant.
std::optional<std::string> nearest(std::string_view name, const std::vector<std::string>& known);

/// CRC32C (Castagnoli, RFC 3720 §B.4), by the processor's instruction where it has one.
std::uint32_t crc32c(std::string_view octets, std::uint32_t seed = 0);

}  // namespace postern
