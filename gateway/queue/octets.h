// octets.h — numbers and strings as the spool writes them: little endian, length before octets.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace postern {

template <class Number>
void put_number(char* at, Number value) {
  for (std::size_t i = 0; i < sizeof value; ++i) at[i] = static_cast<char>(value >> (8 * i));
}

template <class Number>
Number get_number(const char* at) {
  Number value = 0;
  for (std::size_t i = 0; i < sizeof value; ++i) {
    value = static_cast<Number>(value | static_cast<Number>(static_cast<unsigned char>(at[i]))
                                            << (8 * i));
  }
  return value;
}

/// Appends to a string.
class OctetWriter {
 public:
  explicit OctetWriter(std::string& out) : out_(out) {}

  template <class Number>
  void number(Number value) {
    char octets[sizeof value];
    put_number(octets, value);
    out_.append(octets, sizeof value);
  }
  void text(std::string_view value) {
    number(static_cast<std::uint32_t>(value.size()));
    out_ += value;
  }

 private:
  std::string& out_;
};

/// Takes from octets that may be anything. After the first thing that is not there, good() is
/// false and everything read is zero or empty: callers check once, at the end.
class OctetReader {
 public:
  explicit OctetReader(std::string_view octets) : octets_(octets) {}

  template <class Number>
  Number number() {
    const auto taken = take(sizeof(Number));
    return taken.empty() ? Number{0} : get_number<Number>(taken.data());
  }
  /// A number that must not be above `most`.
  template <class Number>
  Number number(Number most) {
    const auto value = number<Number>();
    if (value > most) good_ = false;
    return good_ ? value : Number{0};
  }
  std::string text() { return std::string(view()); }
  /// Likewise, as long as the input lives.
  std::string_view view() { return take(number<std::uint32_t>()); }
  std::string_view octets(std::size_t size) { return take(size); }
  /// How many elements follow, each of `least` octets or more: what is promised must be there, so
  /// that a count can never make us reserve more than the input's own size.
  std::uint32_t count(std::size_t least) {
    const auto value = number<std::uint32_t>();
    if (value > octets_.size() / least) good_ = false;
    return good_ ? value : 0;
  }
  /// How many elements of two bits follow.
  std::uint32_t count_of_quarters() {
    const auto value = number<std::uint32_t>();
    if (value / 4 > octets_.size()) good_ = false;
    return good_ ? value : 0;
  }
  bool good() const { return good_; }
  bool at_end() const { return octets_.empty(); }

 private:
  std::string_view take(std::size_t size) {
    if (size > octets_.size()) good_ = false;
    if (!good_) return {};
    const auto taken = octets_.substr(0, size);
    octets_.remove_prefix(size);
    return taken;
  }

  std::string_view octets_;
  bool good_ = true;
};

}  // namespace postern
