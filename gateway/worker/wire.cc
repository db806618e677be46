#include "gateway/worker/wire.h"

#include <bit>
#include <cmath>

namespace postern {

void WireWriter::number(std::uint64_t value, unsigned width) {
  for (unsigned i = 0; i < width; ++i) octets_.push_back(static_cast<char>(value >> (8 * i)));
}

void WireWriter::real(double value) { u64(std::bit_cast<std::uint64_t>(value)); }

void WireWriter::text(std::string_view value) {
  count(value.size());
  octets_ += value;
}

std::uint64_t WireReader::number(unsigned width) {
  if (rest_.size() < width) refuse();
  if (!good_) return 0;
  std::uint64_t value = 0;
  for (unsigned i = 0; i < width; ++i) {
    value |= std::uint64_t{static_cast<unsigned char>(rest_[i])} << (8 * i);
  }
  rest_.remove_prefix(width);
  return value;
}

std::uint8_t WireReader::u8_up_to(std::uint8_t most) {
  const std::uint8_t value = u8();
  if (value <= most) return value;
  refuse();
  return 0;
}

double WireReader::real(double magnitude) {
  const auto value = std::bit_cast<double>(u64());
  if (std::isfinite(value) && std::abs(value) <= magnitude) return value;
  refuse();
  return 0;
}

std::string_view WireReader::text(std::size_t limit) {
  const std::size_t size = u32();
  if (size > limit || size > rest_.size()) refuse();
  if (!good_) return {};
  const std::string_view value = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return value;
}

std::size_t WireReader::count(std::size_t limit, std::size_t least) {
  const std::size_t value = u32();
  if (value > limit || value * least > rest_.size()) refuse();
  return good_ ? value : 0;
}

}  // namespace postern
