#include "gateway/queue/seeded_hash.h"

#include <cstring>
#include <random>

namespace postern {

namespace {

/// Both halves of the product: each bit of either number reaches every bit of the result.
std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
  const auto product = static_cast<unsigned __int128>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

std::uint64_t word(const char* at, std::size_t size) {
  std::uint64_t out = 0;
  std::memcpy(&out, at, size);
  return out;
}

}  // namespace

SeededHash::SeededHash() {
  std::random_device random;
  std::uniform_int_distribution<std::uint64_t> any;
  start_ = any(random);
  factor_ = any(random) | 1;
}

std::uint64_t SeededHash::operator()(std::string_view text) const {
  std::uint64_t hash = start_ ^ text.size();
  for (; text.size() > 8; text.remove_prefix(8)) {
    hash = mix(hash ^ word(text.data(), 8), factor_);
  }
  return mix(mix(hash ^ word(text.data(), text.size()), factor_), start_ | 1);
}

std::uint64_t SeededHash::operator()(std::uint64_t number) const {
  return mix(mix(number ^ start_, factor_), start_ | 1);
}

}  // namespace postern
