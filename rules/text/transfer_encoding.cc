#include "rules/text/transfer_encoding.h"

#include <array>
#include <cstdint>
#include <cstring>

#include "gateway/base/bytes.h"
#include "rules/text/lines.h"

namespace postern {
namespace {

constexpr std::uint8_t padding = 0x40;
constexpr std::uint8_t white_space = 0x41;
constexpr std::uint8_t foreign = 0x42;

constexpr std::array<std::uint8_t, 256> base64_values = [] {
  std::array<std::uint8_t, 256> table{};
  table.fill(foreign);
  constexpr std::string_view alphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (std::size_t i = 0; i < alphabet.size(); ++i) {
    table[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
  }
  for (const char c : {' ', '\t', '\n', '\v', '\f', '\r'}) {
    table[static_cast<unsigned char>(c)] = white_space;
  }
  table['='] = padding;
  return table;
}();

std::uint8_t value_of(char c) { return base64_values[static_cast<unsigned char>(c)]; }

/// Six bits after six bits; what is left of a group at the end becomes its whole octets.
class Bits {
 public:
  explicit Bits(std::size_t symbols) { out_.resize(symbols / 4 * 3 + 3); }

  void add(std::uint8_t six) {
    group_ = group_ << 6 | six;
    if (++count_ == 4) write(group_);
  }
  void add_group(std::uint32_t group) { write(group); }
  bool between_groups() const { return count_ == 0; }

  std::string finish() {
    const std::size_t octets = count_ > 1 ? count_ - 1 : 0;
    const std::size_t whole = size_;
    if (octets > 0) write(group_ << 6 * (4 - count_));
    out_.resize(whole + octets);
    return std::move(out_);
  }

 private:
  void write(std::uint32_t group) {
    out_[size_] = static_cast<char>(group >> 16);
    out_[size_ + 1] = static_cast<char>(group >> 8);
    out_[size_ + 2] = static_cast<char>(group);
    size_ += 3;
    group_ = 0;
    count_ = 0;
  }

  std::string out_;
  std::size_t size_ = 0;
  std::uint32_t group_ = 0;
  unsigned count_ = 0;
};

/// How '=' in the middle is read depends on the whole: 0 where every octet is of the alphabet and
/// the groups are whole, else all ones, which is where uudecoding puts it.
std::uint8_t inner_padding(std::string_view text) {
  std::size_t symbols = 0;
  for (const char c : text) {
    if (value_of(c) == foreign) return 63;
    symbols += value_of(c) <= padding;
  }
  return symbols % 4 == 0 ? 0 : 63;
}

int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  const char small = lower(c);
  return small >= 'a' && small <= 'f' ? small - 'a' + 10 : -1;
}

/// Lines without blanks at their ends and without soft line ends.
std::string joined_lines(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const auto line = take_line(text);
    if (!line.ends_with('\n')) {
      out += line;
      break;
    }
    const std::size_t end_size = line.ends_with("\r\n") ? 2 : 1;
    auto content = line.substr(0, line.size() - end_size);
    while (!content.empty() && is_blank(content.back())) content.remove_suffix(1);
    if (content.ends_with('=')) {
      out += content.substr(0, content.size() - 1);
    } else {
      out += content;
      out += line.substr(line.size() - end_size);
    }
  }
  return out;
}

}  // namespace

std::string undo_base64(std::string_view text) {
  auto symbols = text;
  while (!symbols.empty() && value_of(symbols.back()) >= padding) symbols.remove_suffix(1);
  Bits bits(symbols.size());
  std::uint8_t inner = foreign;  // not yet known
  for (std::size_t at = 0; at < symbols.size();) {
    if (bits.between_groups() && at + 4 <= symbols.size()) {
      const std::uint32_t a = value_of(symbols[at]);
      const std::uint32_t b = value_of(symbols[at + 1]);
      const std::uint32_t c = value_of(symbols[at + 2]);
      const std::uint32_t d = value_of(symbols[at + 3]);
      if ((a | b | c | d) < padding) {
        bits.add_group(a << 18 | b << 12 | c << 6 | d);
        at += 4;
        continue;
      }
    }
    const auto value = value_of(symbols[at++]);
    if (value < padding) bits.add(value);
    if (value != padding) continue;
    if (inner == foreign) inner = inner_padding(text);
    bits.add(inner);
  }
  return bits.finish();
}

std::string undo_quoted_printable(std::string_view text) {
  std::string out = joined_lines(text);
  const auto first = out.find('=');
  if (first == std::string::npos) return out;
  char* to = out.data() + first;
  const char* from = to;
  const char* const end = out.data() + out.size();
  while (from < end) {
    const int high = *from == '=' && end - from > 2 ? hex_value(from[1]) : -1;
    const int low = high < 0 ? -1 : hex_value(from[2]);
    if (low >= 0) {
      *to++ = static_cast<char>(high * 16 + low);
      from += 3;
      continue;
    }
    // As much as has no '=' at once.
    const auto rest = static_cast<std::size_t>(end - from - 1);
    const auto* next = static_cast<const char*>(std::memchr(from + 1, '=', rest));
    const auto size = static_cast<std::size_t>((next ? next : end) - from);
    std::memmove(to, from, size);
    to += size;
    from += size;
  }
  out.resize(static_cast<std::size_t>(to - out.data()));
  return out;
}

}  // namespace postern
