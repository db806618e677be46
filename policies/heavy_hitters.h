// heavy_hitters.h — which keys are behind most of what happens, in fixed memory.
//
// Space-Saving: a table of keys with counts. A key without a place takes that of the least counted
// one and goes on from its count, which is then how much it may be counted too high. So every key
// with more than total/capacity events is in the table, however many keys strangers invent. The
// hash is seeded: nobody can aim at another's place. Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "gateway/base/clock.h"
#include "gateway/base/seeded_hash.h"

namespace postern {

class HeavyHitters {
 public:
  explicit HeavyHitters(std::size_t capacity = 64) : capacity_(capacity) {}

  struct Hitter {
    std::string key;
    std::uint64_t count = 0;  // of its events at most
    std::uint64_t error = 0;  // and count - error at least
  };

  /// Counts an event. What is longer than an address can be is cut.
  void add(std::string_view key);
  /// All that have a place, in no order.
  std::vector<Hitter> all() const;
  /// The most counted; an empty key where there was no event.
  Hitter top() const;
  /// What is known for certain: count - error; 0 for a key without a place.
  std::uint64_t at_least(std::string_view key) const;
  std::uint64_t total() const { return total_; }
  std::size_t size() const { return places_.size(); }
  void clear();

 private:
  struct Place {
    Hitter hitter;
    std::uint64_t tag = 0;
    std::uint32_t in_heap = 0;
  };
  void rose(std::uint32_t place);
  void swap_in_heap(std::uint32_t a, std::uint32_t b);

  std::size_t capacity_;
  std::uint64_t total_ = 0;
  SeededHash hash_;
  std::vector<Place> places_;
  std::vector<std::uint32_t> heap_;  // of places, the least counted first
  std::unordered_map<std::uint64_t, std::uint32_t> by_tag_;
};

/// The same for the last `window`, to within what the one before it leaves open: the previous
/// window counts for the part that the present one has not covered yet.
class RecentHitters {
 public:
  RecentHitters(std::size_t capacity, milliseconds window, SteadyTime start)
      : window_(window), begun_(start), present_(capacity), previous_(capacity) {}

  void add(std::string_view key, SteadyTime now);

  struct Share {
    std::string key;
    double part = 0;  // of all events, certainly; from 0 to 1
  };
  /// The key with most events of both windows; part 0 where there were none.
  Share top(SteadyTime now);
  /// A key's part of the previous window: what was usual before now.
  double usual_part(std::string_view key, SteadyTime now);
  /// Events in the last `window`, estimated.
  double recent(SteadyTime now);

 private:
  void turn(SteadyTime now);

  milliseconds window_;
  SteadyTime begun_;
  HeavyHitters present_, previous_;
};

}  // namespace postern
