#include "rules/uris/numeric_host.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <limits>
#include <system_error>

#include <fmt/format.h>

#include "gateway/base/bytes.h"

namespace postern {
namespace {

bool is_hex_digit(char c) { return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'f'); }
bool is_octal_digit(char c) { return c >= '0' && c <= '7'; }

bool is_number(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, is_digit);
}

bool is_hex_number(std::string_view text) {
  return text.size() > 2 && text[0] == '0' && lower(text[1]) == 'x' &&
         std::ranges::all_of(text.substr(2), is_hex_digit);
}

/// The largest value where it does not fit.
std::uint64_t value_of(std::string_view digits, int base) {
  std::uint64_t value = 0;
  const auto result = std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
  return result.ec == std::errc{} ? value : std::numeric_limits<std::uint64_t>::max();
}

std::string_view without_zeros(std::string_view digits) {
  const auto first = digits.find_first_not_of('0');
  return first == std::string_view::npos ? std::string_view{} : digits.substr(first);
}

/// Hexadecimal by its 0x, octal where zeros in front and no more than 377 say so, else decimal.
std::string plain_octet(std::string_view octet) {
  if (is_hex_number(octet)) {
    const auto value = static_cast<std::int64_t>(value_of(octet.substr(2), 16));
    return value == 0 ? std::string{} : fmt::format("{}", value);
  }
  const auto digits = without_zeros(octet);
  const bool octal = digits.size() < octet.size() && !digits.empty() &&
                     std::ranges::all_of(digits, is_octal_digit) &&
                     (digits.size() < 3 || (digits.size() == 3 && digits[0] <= '3'));
  return octal ? fmt::format("{}", value_of(digits, 8)) : std::string(digits);
}

/// The first eight hex digits of the number, two and two; a lonely one counts in front.
std::string dotted(std::uint64_t value) {
  auto digits = fmt::format("{:08x}", value);
  if (digits.size() % 2 != 0) digits.push_back('0');
  const auto octet = [&digits](std::size_t at) {
    return value_of(std::string_view(digits).substr(at, 2), 16);
  };
  return fmt::format("{}.{}.{}.{}", octet(0), octet(2), octet(4), octet(6));
}

std::optional<std::string> plain_dotted(std::string_view host) {
  const auto octets = split(host, '.');
  const bool numeric =
      octets.size() == 4 && std::ranges::all_of(octets, [](std::string_view octet) {
        return is_number(octet) || is_hex_number(octet);
      });
  if (!numeric) return std::nullopt;
  return fmt::format("{}.{}.{}.{}", plain_octet(octets[0]), plain_octet(octets[1]),
                     plain_octet(octets[2]), plain_octet(octets[3]));
}

}  // namespace

std::optional<std::string> plain_ipv4(std::string_view host) {
  if (host.empty() || !is_digit(host.front())) return std::nullopt;
  if (auto address = plain_dotted(host)) return address;
  if (is_hex_number(host)) {
    // The last eight digits count.
    return dotted(value_of(host.substr(host.size() > 10 ? host.size() - 8 : 2), 16));
  }
  if (is_number(host)) return dotted(value_of(host, 10));
  return std::nullopt;
}

}  // namespace postern
