// colors.h — colours as HTML attributes and style sheets write them.
#pragma once

#include <cstdint>
#include <string_view>

namespace postern {

struct HtmlColor {
  enum class Kind : std::uint8_t {
    rgb,
    empty,    // "#" without digits: a colour for SpamAssassin, but none that can be compared
    invalid,  // nothing that a colour is written as
  };
  Kind kind = Kind::rgb;
  std::uint8_t red = 0;
  std::uint8_t green = 0;
  std::uint8_t blue = 0;

  bool operator==(const HtmlColor&) const = default;
};

/// A name, "#f00", "#ff0000" or "rgb(255, 0, 0)"; whatever else reminds of one, as HTML.pm's
/// name_to_rgb reads it. White space around it does not count, beyond ASCII where `unicode`.
HtmlColor parse_html_color(std::string_view written, bool unicode);

/// Distance weighted by brightness; 0 for equal colours, at most 191.2. Both must be rgb.
double distance_of_colors(const HtmlColor& a, const HtmlColor& b);

}  // namespace postern
