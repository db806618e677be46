// octet_set.h — a set of octets, and the folding of case that rules are matched under.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace postern {

/// Perl's /i on octet strings under /aa: A-Z and C0-DE, D7 apart, go to their lower-case letter.
constexpr std::uint8_t folded(std::uint8_t octet) {
  const bool ascii = octet >= 'A' && octet <= 'Z';
  const bool latin = octet >= 0xC0 && octet <= 0xDE && octet != 0xD7;
  return ascii || latin ? static_cast<std::uint8_t>(octet + 0x20) : octet;
}

/// The capital of what folded() gave; other octets stay.
constexpr std::uint8_t other_case(std::uint8_t octet) {
  const bool letter = octet >= 0x20 && folded(static_cast<std::uint8_t>(octet - 0x20)) == octet;
  return letter ? static_cast<std::uint8_t>(octet - 0x20) : octet;
}

class OctetSet {
 public:
  static constexpr OctetSet all() {
    OctetSet out;
    out.words_.fill(~std::uint64_t{0});
    return out;
  }
  static constexpr OctetSet of(std::uint8_t octet) { return range(octet, octet); }
  static constexpr OctetSet range(unsigned first, unsigned last) {
    OctetSet out;
    for (unsigned octet = first; octet <= last; ++octet) out.add(static_cast<std::uint8_t>(octet));
    return out;
  }

  constexpr void add(std::uint8_t octet) {
    words_[octet >> 6] |= std::uint64_t{1} << (octet & 63U);
  }
  constexpr bool has(std::uint8_t octet) const { return (words_[octet >> 6] >> (octet & 63U)) & 1; }
  constexpr bool empty() const { return (words_[0] | words_[1] | words_[2] | words_[3]) == 0; }
  constexpr int size() const {
    int out = 0;
    for (const auto word : words_) out += std::popcount(word);
    return out;
  }
  constexpr bool meets(const OctetSet& other) const {
    for (std::size_t i = 0; i < words_.size(); ++i) {
      if ((words_[i] & other.words_[i]) != 0) return true;
    }
    return false;
  }

  constexpr OctetSet& operator|=(const OctetSet& other) {
    for (std::size_t i = 0; i < words_.size(); ++i) words_[i] |= other.words_[i];
    return *this;
  }
  constexpr OctetSet operator~() const {
    OctetSet out;
    for (std::size_t i = 0; i < words_.size(); ++i) out.words_[i] = ~words_[i];
    return out;
  }
  constexpr bool operator==(const OctetSet&) const = default;

  /// With each letter's other case.
  constexpr OctetSet with_both_cases() const {
    OctetSet out = *this;
    for (const auto& [word, capitals] : capital_words) {
      out.words_[word] |= (words_[word] & capitals) << 32 | ((words_[word] >> 32) & capitals);
    }
    return out;
  }
  /// What is left of it in folded text.
  constexpr OctetSet folded_down() const {
    OctetSet out = *this;
    for (const auto& [word, capitals] : capital_words) {
      out.words_[word] = (words_[word] & ~capitals) | (words_[word] & capitals) << 32;
    }
    return out;
  }

  template <class Visit>
  constexpr void each(Visit visit) const {
    for (std::size_t i = 0; i < words_.size(); ++i) {
      for (auto word = words_[i]; word != 0; word &= word - 1) {
        visit(static_cast<std::uint8_t>(i * 64 + static_cast<unsigned>(std::countr_zero(word))));
      }
    }
  }

 private:
  // Both alphabets lie 32 before their lower case, in the lower half of a word.
  struct Capitals {
    std::size_t word;
    std::uint64_t octets;
  };
  static constexpr std::array<Capitals, 2> capital_words{{{1, 0x07FFFFFE}, {3, 0x7F7FFFFF}}};

  std::array<std::uint64_t, 4> words_{};
};

}  // namespace postern
