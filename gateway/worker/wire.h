// wire.h — numbers and texts as octets, for the frames between the gateway and its workers.
//
// Little-endian, fixed widths, texts with their length in front. The reader takes whatever a
// compromised worker may send: each read names its limit, a read past the end or over the limit
// makes the reader bad for good, and everything read from then on is zero. So a decoder reads
// straight through and asks complete() once, at the end.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace postern {

class WireWriter {
 public:
  void u8(std::uint8_t value) { number(value, 1); }
  void u16(std::uint16_t value) { number(value, 2); }
  void u32(std::uint32_t value) { number(value, 4); }
  void u64(std::uint64_t value) { number(value, 8); }
  void flag(bool value) { number(value ? 1 : 0, 1); }
  void real(double value);
  void text(std::string_view value);
  void count(std::size_t value) { u32(static_cast<std::uint32_t>(value)); }

  std::string take() { return std::move(octets_); }

 private:
  void number(std::uint64_t value, unsigned width);
  std::string octets_;
};

class WireReader {
 public:
  explicit WireReader(std::string_view octets) : rest_(octets) {}

  std::uint8_t u8() { return static_cast<std::uint8_t>(number(1)); }
  std::uint16_t u16() { return static_cast<std::uint16_t>(number(2)); }
  std::uint32_t u32() { return static_cast<std::uint32_t>(number(4)); }
  std::uint64_t u64() { return number(8); }
  bool flag() { return u8_up_to(1) == 1; }
  std::uint8_t u8_up_to(std::uint8_t most);
  /// Finite, and no larger than `magnitude` either way.
  double real(double magnitude);
  /// At most `limit` octets; points into the input.
  std::string_view text(std::size_t limit);
  /// How many elements follow: at most `limit`, and no more than could stand in what is left when
  /// each takes at least `least` octets, so that a lie cannot reserve memory.
  std::size_t count(std::size_t limit, std::size_t least);

  void refuse() { good_ = false; }
  bool good() const { return good_; }
  /// Nothing was wrong, and nothing is left over.
  bool complete() const { return good_ && rest_.empty(); }

 private:
  std::uint64_t number(unsigned width);
  std::string_view rest_;
  bool good_ = true;
};

}  // namespace postern
