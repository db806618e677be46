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
  /// A chain whose last link is one octet, which is all that what follows depends on.
  struct Run {
    std::uint8_t last;  // a class of octets
    double probability;
    Run then(std::uint8_t octet) const;
  };

  void add(const OctetSet& set);
  /// add() of one octet, into a chain of its own.
  Run then(std::uint8_t octet) const;
  double probability() const { return probability_; }

 private:
  std::vector<Run> reached_;  // by class of the last octet
  double probability_ = 1;
};

}  // namespace postern
