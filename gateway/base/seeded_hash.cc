#include "gateway/base/seeded_hash.h"

#include <bit>
#include <random>

namespace postern {
namespace {

struct SipState {
  std::uint64_t v0, v1, v2, v3;

  void round() {
    v0 += v1;
    v1 = std::rotl(v1, 13) ^ v0;
    v0 = std::rotl(v0, 32);
    v2 += v3;
    v3 = std::rotl(v3, 16) ^ v2;
    v0 += v3;
    v3 = std::rotl(v3, 21) ^ v0;
    v2 += v1;
    v1 = std::rotl(v1, 17) ^ v2;
    v2 = std::rotl(v2, 32);
  }
  void absorb(std::uint64_t word) {
    v3 ^= word;
    round();
    round();
    v0 ^= word;
  }
};

std::uint64_t little_endian(std::string_view octets) {
  std::uint64_t word = 0;
  for (std::size_t i = 0; i < octets.size(); ++i) {
    word |= std::uint64_t{static_cast<unsigned char>(octets[i])} << (8 * i);
  }
  return word;
}

std::uint64_t random_word() {
  std::random_device device;
  return std::uint64_t{device()} << 32U | device();
}

}  // namespace

SeededHash::SeededHash() : seed0_(random_word()), seed1_(random_word()) {}

std::uint64_t SeededHash::operator()(std::string_view text) const {
  SipState state{seed0_ ^ 0x736f6d6570736575U, seed1_ ^ 0x646f72616e646f6dU,
                 seed0_ ^ 0x6c7967656e657261U, seed1_ ^ 0x7465646279746573U};
  const auto last = std::uint64_t{text.size()} << 56U;
  while (text.size() >= 8) {
    state.absorb(little_endian(text.substr(0, 8)));
    text.remove_prefix(8);
  }
  state.absorb(last | little_endian(text));
  state.v2 ^= 0xff;
  for (int i = 0; i < 4; ++i) state.round();
  return state.v0 ^ state.v1 ^ state.v2 ^ state.v3;
}

/// Multiplied by a secret, both halves of the product: each bit of the number reaches every bit of
/// the hash. A number needs no more, and the queue's index asks for one at every step.
std::uint64_t SeededHash::operator()(std::uint64_t number) const {
  __extension__ using Product = unsigned __int128;
  const Product first = Product{number ^ seed0_} * (seed1_ | 1);
  const auto folded = static_cast<std::uint64_t>(first) ^ static_cast<std::uint64_t>(first >> 64);
  const Product second = Product{folded} * (seed0_ | 1);
  return static_cast<std::uint64_t>(second) ^ static_cast<std::uint64_t>(second >> 64);
}

}  // namespace postern
