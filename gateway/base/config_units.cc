#include "gateway/base/config_units.h"

#include <fmt/core.h>

#include <array>

#include "gateway/base/bytes.h"
#include "gateway/base/config.h"

namespace postern {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};

// From large to small: a value is spelt in this order. Weeks are read, but not written: "14d" says
// more to someone who compares it with another provider's five days.
constexpr std::array<Unit, 6> time_units{{{"w", 604'800'000},
                                          {"d", 86'400'000},
                                          {"h", 3'600'000},
                                          {"m", 60'000},
                                          {"s", 1000},
                                          {"ms", 1}}};
constexpr std::array<Unit, 5> size_units{
    {{"TiB", 1ULL << 40}, {"GiB", 1ULL << 30}, {"MiB", 1ULL << 20}, {"KiB", 1ULL << 10}, {"B", 1}}};

std::string_view take_blanks(std::string_view& text) {
  std::size_t n = 0;
  while (n < text.size() && is_blank(text[n])) ++n;
  const auto taken = text.substr(0, n);
  text.remove_prefix(n);
  return taken;
}

template <bool (*accepts)(char)>
std::string_view take(std::string_view& text) {
  take_blanks(text);
  std::size_t n = 0;
  while (n < text.size() && accepts(text[n])) ++n;
  const auto taken = text.substr(0, n);
  text.remove_prefix(n);
  return taken;
}

std::unexpected<Error> no_duration(std::string_view text) {
  return fail(
      std::errc::invalid_argument,
      fmt::format("\"{}\" is no duration: write numbers with w, d, h, m, s or ms, the largest "
                  "first, for example \"5m\" or \"1h30m\"",
                  printable(text)));
}

std::unexpected<Error> no_size(std::string_view text) {
  return fail(
      std::errc::invalid_argument,
      fmt::format("\"{}\" is no size: write a number with KiB, MiB, GiB or TiB, for example "
                  "\"10MiB\"; without a unit it counts octets",
                  printable(text)));
}

std::unexpected<Error> too_large(std::string_view text) {
  return fail(std::errc::result_out_of_range,
              fmt::format("\"{}\" is too large to be represented", printable(text)));
}

bool multiply(std::uint64_t a, std::uint64_t b, std::uint64_t& product) {
  return !__builtin_mul_overflow(a, b, &product);
}

}  // namespace

Result<milliseconds> parse_duration(std::string_view text) {
  constexpr auto most = static_cast<std::uint64_t>(milliseconds::max().count());
  std::string_view rest = trim(text);
  std::uint64_t total = 0;
  std::size_t next_unit =
      0;  // each unit once, from large to small: "5m5m" is a slip, not ten minutes
  bool plain = false;
  if (rest.empty()) return no_duration(text);
  while (!rest.empty()) {
    const auto digits = take<is_digit>(rest);
    const auto name = take<is_alpha>(rest);
    if (digits.empty() || plain) return no_duration(text);
    plain = name.empty();
    if (plain && next_unit > 0) return no_duration(text);
    const std::string_view unit = plain ? "s" : name;
    while (next_unit < time_units.size() && time_units[next_unit].name != unit) ++next_unit;
    if (next_unit == time_units.size()) return no_duration(text);

    const auto number = parse_number(digits, most);
    std::uint64_t part = 0;
    if (!number || !multiply(*number, time_units[next_unit].factor, part)) return too_large(text);
    if (part > most - total) return too_large(text);
    total += part;
    ++next_unit;
  }
  return milliseconds(static_cast<std::int64_t>(total));
}

Result<std::uint64_t> parse_size(std::string_view text) {
  std::string_view rest = trim(text);
  const auto digits = take<is_digit>(rest);
  const auto name = take<is_alpha>(rest);
  if (digits.empty() || !rest.empty()) return no_size(text);
  for (const auto& unit : size_units) {
    if (!equals_ignoring_case(name.empty() ? "B" : name, unit.name)) continue;
    const auto number = parse_number(digits);
    std::uint64_t octets = 0;
    if (!number || !multiply(*number, unit.factor, octets)) return too_large(text);
    return octets;
  }
  return no_size(text);
}

std::string format_duration(milliseconds value) {
  if (value.count() == 0) return "0s";
  std::string out = value.count() < 0 ? "-" : "";
  auto rest = static_cast<std::uint64_t>(value.count());
  if (value.count() < 0) rest = 0 - rest;
  for (const auto& unit : time_units) {
    if (unit.name == "w" || rest < unit.factor) continue;
    out += fmt::format("{}{}", rest / unit.factor, unit.name);
    rest %= unit.factor;
  }
  return out;
}

std::string format_size(std::uint64_t octets) {
  for (const auto& unit : size_units) {
    if (unit.factor > 1 && octets >= unit.factor && octets % unit.factor == 0) {
      return fmt::format("{}{}", octets / unit.factor, unit.name);
    }
  }
  return std::to_string(octets);
}

std::string spell(std::int64_t value) { return std::to_string(value); }
std::string spell(double value) { return fmt::format("{}", value); }
std::string spell(milliseconds value) { return format_duration(value); }
std::string spell(std::uint64_t octets) { return format_size(octets); }

std::string toml_string(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto octet = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (octet < 0x20 || octet == 0x7f) {
      out += fmt::format("\\u{:04x}", octet);
    } else {
      out += c;
    }
  }
  return out + '"';
}

}  // namespace postern
