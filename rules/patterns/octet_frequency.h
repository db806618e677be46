// octet_frequency.h — how often some octets stand in mail, one behind the other.
//
// A chain over pairs, counted once over collected mail: good enough to tell rare literals from
// frequent ones.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "rules/patterns/octet_set.h"

namespace postern {

/// The probability that at a place of the text an octet of the first set stands, then one of the
/// second, and so on.
class OctetChain {
 public:
  void add(const OctetSet& set);
  double probability() const { return probability_; }

 private:
  struct Reached {
    std::uint8_t octets;  // a class of them
    double probability;
  };
  std::vector<Reached> reached_;
  double probability_ = 1;
};

}  // namespace postern
