// seeded_hash.h — a hash (SipHash-2-4 for text) that a stranger who does not know the seed cannot
// aim.
//
// For every table whose keys strangers choose: with a known hash they would choose keys that all
// fall into one place.
#pragma once

#include <cstdint>
#include <string_view>

namespace postern {

class SeededHash {
 public:
  /// A random seed.
  SeededHash();
  SeededHash(std::uint64_t seed0, std::uint64_t seed1) : seed0_(seed0), seed1_(seed1) {}
  std::uint64_t operator()(std::string_view text) const;
  std::uint64_t operator()(std::uint64_t number) const;

 private:
  std::uint64_t seed0_;
  std::uint64_t seed1_;
};

}  // namespace postern
