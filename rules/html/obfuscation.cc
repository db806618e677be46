#include "rules/html/obfuscation.h"

#include <array>

#include "gateway/base/bytes.h"
#include "rules/html/perl_characters.h"

namespace postern {
namespace {

constexpr std::size_t longest_end = 7;

/// All but white space and ASCII punctuation.
bool is_part_of_word(char32_t c, bool unicode) {
  if (c >= 0x80) return !unicode || !is_perl_space(c);
  const char ascii = static_cast<char>(c);
  if (is_alpha(ascii) || is_digit(ascii)) return true;
  return !is_space(ascii) && (c < 0x21 || c == 0x7F);
}

bool is_word(char32_t c, bool unicode) { return c < 0x80 || unicode ? is_perl_word(c) : false; }

/// The characters that meet at one side, from the cut outwards: the first seven that are part of a
/// word, and how many they are.
struct Edge {
  std::array<char32_t, longest_end> characters{};
  std::size_t length = 0;
  bool word_follows = false;  // a word character stands beyond them

  void add(char32_t c) { characters[length++] = c; }

  /// The longest end whose outer side is the boundary of a word (\b); 0 where there is none.
  std::size_t bounded_length(bool unicode) const {
    bool beyond = word_follows;
    for (std::size_t size = length; size > 0; --size) {
      const bool outermost = is_word(characters[size - 1], unicode);
      if (outermost != beyond) return size;
      beyond = outermost;
    }
    return 0;
  }
};

Edge end_of(std::string_view text, bool unicode) {
  Edge edge;
  std::size_t at = text.size();
  while (at > 0) {
    const auto start = utf8_start_before(text, at);
    const auto c = utf8_character(text, start).code;
    if (edge.length == longest_end || !is_part_of_word(c, unicode)) {
      edge.word_follows = is_word(c, unicode);
      break;
    }
    edge.add(c);
    at = start;
  }
  return edge;
}

Edge start_of(std::string_view text, bool unicode) {
  Edge edge;
  std::size_t at = 0;
  while (at < text.size()) {
    const auto [c, size] = utf8_character(text, at);
    if (edge.length == longest_end || !is_part_of_word(c, unicode)) {
      edge.word_follows = is_word(c, unicode);
      break;
    }
    edge.add(c);
    at += size;
  }
  return edge;
}

}  // namespace

void WordCuts::meet(std::string_view before, bool before_unicode, std::string_view piece,
                    bool piece_unicode) {
  const auto left = end_of(before, before_unicode);
  if (left.length == 0) return;
  const auto right = start_of(piece, piece_unicode);
  if (right.length == 0) return;
  ++cuts_;
  const auto left_length = left.bounded_length(before_unicode);
  const auto right_length = right.bounded_length(piece_unicode);
  if (left_length > 0 && right_length > 0)
    pairs_.set(left_length * (longest_end + 1) + right_length);
}

}  // namespace postern
