// text_style.h — how text looks where an HTML reader is: colours, size, and whether it is shown.
//
// The stack of open elements that style text, as HTML.pm's text_style keeps it: elements without
// end tags stay open, table cells close each other, bgcolor attributes have no say.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "rules/html/attributes.h"
#include "rules/html/colors.h"
#include "rules/html/elements.h"

namespace postern {

class TextStyles {
 public:
  TextStyles();

  /// `element`: index into html_elements of one that styles. False where SpamAssassin dies of the
  /// style sheet, and reads no more of the part: "background:" with nothing but a blank behind it.
  [[nodiscard]] bool open(std::size_t element, const Attributes& attributes);
  void close(std::size_t element);

  enum class Sight : std::uint8_t { visible, low_contrast, invalid_color, hidden };
  Sight sight() const;

  double smallest() const { return smallest_; }
  double largest() const { return largest_; }

 private:
  struct Style {
    std::size_t element;
    HtmlColor text{};
    HtmlColor background{HtmlColor::Kind::rgb, 255, 255, 255};
    double size = 3;
    bool not_displayed = false;
    bool not_visible = false;
    bool text_transparent = false;  // while a style sheet is read
    bool background_transparent = false;
  };
  bool apply(const Attributes& attributes, Style& style);
  bool apply_sheet(std::string_view sheet, bool unicode, Style& style) const;
  bool apply_declaration(std::string_view declaration, bool unicode, Style& style) const;
  void apply_color(std::string_view value, bool unicode, bool background, Style& style) const;
  double size_of(const HtmlString& value, double current) const;
  void close_cells(std::size_t element);
  void push(const Style& style);
  void pop();

  std::vector<Style> open_;
  std::array<std::size_t, html_element_count> times_open_{};
  double base_size_ = 3;
  double smallest_ = 3;
  double largest_ = 3;
};

}  // namespace postern
