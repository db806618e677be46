// seeded_hash.h — a hash that strangers cannot aim at: they do not know the object's seed.
#pragma once

#include <cstdint>
#include <string_view>

namespace postern {

class SeededHash {
 public:
  SeededHash();
  std::uint64_t operator()(std::string_view text) const;
  std::uint64_t operator()(std::uint64_t number) const;

 private:
  std::uint64_t start_;
  std::uint64_t factor_;
};

}  // namespace postern
