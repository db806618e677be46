// obfuscation.h — words that tags cut in two.
//
// "V<b></b>iagra" reads as one word and is matched by no pattern for the pieces. Each piece of text
// is compared with the one before it: whether both meet in the middle of a word, and how long the
// ends are that meet.
#pragma once

#include <bitset>
#include <cstddef>
#include <string_view>

namespace postern {

class WordCuts {
 public:
  /// `before` as it was rendered, `piece` as it was read.
  void meet(std::string_view before, bool before_unicode, std::string_view piece,
            bool piece_unicode);

  std::size_t cuts() const { return cuts_; }
  /// Different pairs of lengths, of ends of at most seven characters.
  std::size_t pairs() const { return pairs_.count(); }

 private:
  std::size_t cuts_ = 0;
  std::bitset<64> pairs_;
};

}  // namespace postern
