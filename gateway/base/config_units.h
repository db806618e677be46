// config_units.h — how values and bounds are spelt, in problems and in the manual alike.
//
// Inside base only; everyone else sees config.h.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <type_traits>

#include "gateway/base/clock.h"

namespace postern {

std::string spell(std::int64_t value);
std::string spell(double value);
std::string spell(milliseconds value);
std::string spell(std::uint64_t octets);

/// As a TOML basic string, quotes included.
std::string toml_string(const std::string& text);

template <class Value>
struct Limits : std::numeric_limits<Value> {};
template <>
struct Limits<milliseconds> {
  static constexpr milliseconds lowest() { return milliseconds::min(); }
  static constexpr milliseconds max() { return milliseconds::max(); }
};

/// "from 1s to 1d", "at least 1s", "at most 1d" or "without bounds": an end of the type's own range
/// is no bound that an administrator could meet, but for the 0 of what cannot be negative.
template <class Value>
std::string spell_bounds(Value least, Value most) {
  const bool below = std::is_unsigned_v<Value> || least > Limits<Value>::lowest();
  const bool above = most < Limits<Value>::max();
  if (below && above) return "from " + spell(least) + " to " + spell(most);
  if (below) return "at least " + spell(least);
  if (above) return "at most " + spell(most);
  return "without bounds";
}

}  // namespace postern
