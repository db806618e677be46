#include "rules/evals/image_size.h"

#include <algorithm>

namespace postern {
namespace {

std::uint32_t octet_at(std::string_view octets, std::size_t at) {
  return at < octets.size() ? static_cast<unsigned char>(octets[at]) : 0U;
}

/// Most significant octet first.
std::uint32_t number_at(std::string_view octets, std::size_t at, unsigned size) {
  std::uint32_t number = 0;
  for (unsigned i = 0; i < size; ++i) number = number << 8 | octet_at(octets, at + i);
  return number;
}

std::optional<ImageSize> sides(std::uint32_t width, std::uint32_t height) {
  if (width == 0 || height == 0) return {};
  return ImageSize{width, height};
}

/// A frame header, SOF0 to SOF15 without the tables that share their numbers (DHT, JPG, DAC).
bool is_frame(std::uint32_t marker) {
  return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
}

}  // namespace

std::optional<ImageSize> gif_size(std::string_view octets) {
  if (!octets.starts_with("GIF87a") && !octets.starts_with("GIF89a")) return {};
  const auto little = [&](std::size_t at) {
    return octet_at(octets, at) | octet_at(octets, at + 1) << 8;
  };
  return sides(little(6), little(8));
}

/// Looks at every eighth octet for a header: chunks are not skipped.
std::optional<ImageSize> png_size(std::string_view octets) {
  if (!octets.starts_with("\x89PNG\r\n\x1a\n")) return {};
  for (std::size_t at = 8; at < octets.size(); at += 8) {
    const auto type = octets.substr(std::min(at + 4, octets.size()), 4);
    if (type == "IEND") return {};
    if (type != "IHDR" || number_at(octets, at, 4) != 13) continue;
    return sides(number_at(octets, at + 8, 4), number_at(octets, at + 12, 4));
  }
  return {};
}

std::optional<ImageSize> jpeg_size(std::string_view octets) {
  if (!octets.starts_with("\xff\xd8")) return {};
  for (std::size_t at = 2; at + 4 <= octets.size();) {
    const auto marker = octet_at(octets, at + 1);
    const auto length = number_at(octets, at + 2, 2);
    // Start of scan and end of image come behind all frame headers.
    if (octet_at(octets, at) != 0xff || marker == 0xda || marker == 0xd9 || length < 2) return {};
    if (is_frame(marker)) return sides(number_at(octets, at + 7, 2), number_at(octets, at + 5, 2));
    at += 2 + length;
  }
  return {};
}

}  // namespace postern
