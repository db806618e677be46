// image_size.h — how large a picture says it is, as far as ImageInfo.pm looks.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace postern {

struct ImageSize {
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  double area() const { return double(width) * double(height); }
};

/// Nothing where the octets are no such picture or a side is 0. Linear.
std::optional<ImageSize> gif_size(std::string_view octets);
std::optional<ImageSize> png_size(std::string_view octets);
std::optional<ImageSize> jpeg_size(std::string_view octets);

}  // namespace postern
