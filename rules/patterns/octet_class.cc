#include "rules/patterns/octet_class.h"

#include <array>
#include <charconv>

#include "gateway/base/bytes.h"

namespace postern {
namespace {

constexpr OctetSet octets(std::string_view members) {
  OctetSet out;
  for (const char c : members) out.add(static_cast<std::uint8_t>(c));
  return out;
}
constexpr OctetSet operator|(OctetSet a, const OctetSet& b) { return a |= b; }

constexpr auto digits = OctetSet::range('0', '9');
constexpr auto upper = OctetSet::range('A', 'Z');
constexpr auto lower_case = OctetSet::range('a', 'z');
constexpr auto letters = upper | lower_case;
constexpr auto word = letters | digits | octets("_");
constexpr auto white = octets(" \t\n\v\f\r");
constexpr auto horizontal = octets(" \t\xA0");
constexpr auto vertical = octets("\n\v\f\r\x85");
constexpr auto graphic = OctetSet::range(0x21, 0x7E);
constexpr auto punctuation = OctetSet::range(0x21, 0x2F) | OctetSet::range(0x3A, 0x40) |
                             OctetSet::range(0x5B, 0x60) | OctetSet::range(0x7B, 0x7E);

struct NamedClass {
  std::string_view name;
  OctetSet set;
};
constexpr std::array<NamedClass, 14> named_classes{{
    {"alpha", letters},
    {"lower", lower_case},
    {"upper", upper},
    {"alnum", letters | digits},
    {"ascii", OctetSet::range(0, 0x7F)},
    {"blank", octets(" \t")},
    {"cntrl", OctetSet::range(0, 0x1F) | OctetSet::of(0x7F)},
    {"digit", digits},
    {"graph", graphic},
    {"print", graphic | octets(" ")},
    {"punct", punctuation},
    {"space", white},
    {"word", word},
    {"xdigit", digits | OctetSet::range('a', 'f') | OctetSet::range('A', 'F')},
}};

/// Digits of `base` from `at`, at most `most` of them; nothing if the value is no octet.
std::optional<std::uint8_t> read_digits(std::string_view text, std::size_t& at, std::size_t most,
                                        int base) {
  unsigned value = 0;
  const auto part = text.substr(at, most);
  const auto read = std::from_chars(part.data(), part.data() + part.size(), value, base);
  if (read.ec == std::errc::result_out_of_range || value > 0xFF) return std::nullopt;
  at += static_cast<std::size_t>(read.ptr - part.data());
  return static_cast<std::uint8_t>(value);
}

std::optional<std::uint8_t> read_braced(std::string_view text, std::size_t& at, int base) {
  const auto end = text.find('}', at);
  if (end == std::string_view::npos || end == at + 1) return std::nullopt;
  ++at;
  const auto value = read_digits(text, at, end - at, base);
  if (!value || at != end) return std::nullopt;
  at = end + 1;
  return value;
}

}  // namespace

std::optional<OctetSet> read_class_escape(char letter) {
  switch (letter) {
    case 'd':
      return digits;
    case 'D':
      return ~digits;
    case 's':
      return white;
    case 'S':
      return ~white;
    case 'w':
      return word;
    case 'W':
      return ~word;
    case 'h':
      return horizontal;
    case 'H':
      return ~horizontal;
    case 'v':
      return vertical;
    case 'V':
      return ~vertical;
    default:
      return std::nullopt;
  }
}

std::optional<std::uint8_t> read_octet_escape(std::string_view text, std::size_t& at,
                                              bool in_class) {
  if (at + 1 >= text.size()) return std::nullopt;
  const char c = text[at + 1];
  if (in_class && c >= '1' && c <= '7') {
    ++at;
    return read_digits(text, at, 3, 8);
  }
  if (!is_alpha(c) && !is_digit(c)) {
    at += 2;
    return static_cast<std::uint8_t>(c);
  }
  at += 2;
  switch (c) {
    case '0':
      return read_digits(text, at, 2, 8);
    case 'a':
      return std::uint8_t{0x07};
    case 'e':
      return std::uint8_t{0x1B};
    case 'f':
      return std::uint8_t{0x0C};
    case 'n':
      return std::uint8_t{'\n'};
    case 'r':
      return std::uint8_t{'\r'};
    case 't':
      return std::uint8_t{'\t'};
    case 'b':
      return in_class ? std::optional<std::uint8_t>(0x08) : std::nullopt;
    case 'x':
      if (at < text.size() && text[at] == '{') return read_braced(text, at, 16);
      return read_digits(text, at, 2, 16);
    case 'o':
      if (at < text.size() && text[at] == '{') return read_braced(text, at, 8);
      return std::nullopt;
    default:
      return std::nullopt;
  }
}

namespace {

/// Reads what stands between the brackets.
class ClassText {
 public:
  ClassText(std::string_view text, std::size_t& at) : text_(text), at_(at) {}

  std::optional<OctetSet> read() {
    bool first = true;
    while (at_ < text_.size()) {
      if (text_[at_] == ']' && !first) {
        ++at_;
        return set_;
      }
      first = false;
      if (!member()) return std::nullopt;
    }
    return std::nullopt;
  }

 private:
  bool member() {
    if (text_[at_] == '[' && at_ + 1 < text_.size()) {
      const char mark = text_[at_ + 1];
      if (mark == ':') {
        const auto end = text_.find(":]", at_ + 2);
        if (end != std::string_view::npos && end < text_.find(']', at_)) return named(end);
      } else if (mark == '.' || mark == '=') {
        return false;
      }
    }
    if (text_[at_] == '\\' && at_ + 1 < text_.size()) {
      const char letter = text_[at_ + 1];
      if (const auto set = read_class_escape(letter)) {
        at_ += 2;
        set_ |= *set;
        return true;
      }
    }
    const auto low = octet();
    if (!low) return false;
    if (at_ + 1 >= text_.size() || text_[at_] != '-' || text_[at_ + 1] == ']') {
      set_.add(*low);
      return true;
    }
    return range(*low);
  }

  bool range(std::uint8_t low) {
    const auto dash = at_++;
    const bool no_octet =
        (text_[at_] == '\\' && at_ + 1 < text_.size() && read_class_escape(text_[at_ + 1])) ||
        (text_[at_] == '[' && at_ + 1 < text_.size() && text_[at_ + 1] == ':');
    if (no_octet) {  // [a-\d]: the hyphen is a member
      at_ = dash + 1;
      set_.add(low);
      set_.add('-');
      return true;
    }
    const auto high = octet();
    if (!high || *high < low) return false;
    set_ |= OctetSet::range(low, *high);
    return true;
  }

  bool named(std::size_t end) {
    auto name = text_.substr(at_ + 2, end - at_ - 2);
    const bool negated = name.starts_with('^');
    if (negated) name.remove_prefix(1);
    for (const auto& known : named_classes) {
      if (known.name != name) continue;
      set_ |= negated ? ~known.set : known.set;
      at_ = end + 2;
      return true;
    }
    return false;
  }

  std::optional<std::uint8_t> octet() {
    if (text_[at_] == '\\') return read_octet_escape(text_, at_, true);
    return static_cast<std::uint8_t>(text_[at_++]);
  }

  std::string_view text_;
  std::size_t& at_;
  OctetSet set_;
};

}  // namespace

std::optional<OctetSet> read_octet_class(std::string_view text, std::size_t& at, bool ignore_case) {
  ++at;
  const bool negated = at < text.size() && text[at] == '^';
  if (negated) ++at;
  auto set = ClassText(text, at).read();
  if (!set) return std::nullopt;
  if (ignore_case) set = set->with_both_cases();
  return negated ? ~*set : *set;
}

}  // namespace postern
