// gram.h — one to five octets as a number, and how often each of them stands in a text.
//
// The numbers are ordered as the octets are: "a" < "ab" < "b". Words are what lies between digits,
// ASCII punctuation other than the apostrophe, and white space; a zero octet stands at both ends.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace postern {

constexpr std::size_t longest_gram = 5;

/// 0 for what has no octets or more than five: no gram is 0.
std::uint64_t gram_of(std::string_view octets);

/// Of these at most 10,000 octets are looked at; more cannot be counted (TextCat.pm).
constexpr std::size_t longest_sample = 10'000;

/// The grams of a text that occur more than `above` times, at most `most` of them: the most
/// frequent first, and of equally frequent ones the least. Linear but for sorting what is returned.
std::vector<std::uint64_t> frequent_grams(std::string_view text, std::size_t most,
                                          std::size_t above = 0);

}  // namespace postern
