// heavy_hitters.h — who stands behind most of many events, in memory that strangers cannot grow.
//
// Space-Saving (Metwally, Agrawal, El Abbadi 2005): a key that finds no place takes that of the
// rarest and inherits its count. So a count is never too low, is too high by at most total/places,
// and a key with more than that share of all events is surely among those kept.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace postern {

class HeavyHitters {
 public:
  struct Hitter {
    std::string key;
    std::uint64_t count = 0;
  };

  explicit HeavyHitters(std::size_t places = 64) : places_(places) {}

  /// Of a long key its beginning counts.
  void add(std::string_view key);
  /// The most frequent; an empty key where there was no event.
  Hitter top() const;
  void clear() { kept_.clear(); }

 private:
  std::size_t places_;
  std::vector<Hitter> kept_;
};

}  // namespace postern
