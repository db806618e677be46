// rendered_text.h — the text of an HTML part as it grows, piece by piece.
//
// A piece is what stood between two tags, or the white space that a tag stands for. White space in
// a piece becomes one blank, which goes where white space of a tag is beside it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace postern {

class RenderedText {
 public:
  void reserve(std::size_t octets) { text_.reserve(octets); }

  void add_text(std::string_view piece, bool invisible);
  /// White space of a tag; always visible.
  void add_break(std::string_view space);

  bool empty() const { return !has_last_; }
  /// The piece that was added last, as it stands now.
  std::string_view last() const { return std::string_view(text_).substr(last_start_); }

  const std::string& text() const { return text_; }
  std::string part(bool invisible) const;

 private:
  void start_piece(bool invisible);

  struct Stretch {
    std::size_t start;
    bool invisible;
  };
  std::string text_;
  std::vector<Stretch> stretches_;
  std::size_t last_start_ = 0;
  bool has_last_ = false;
  bool last_is_break_ = false;
  bool last_is_invisible_ = false;
};

}  // namespace postern
