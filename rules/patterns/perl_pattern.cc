#include "rules/patterns/perl_pattern.h"

#include <charconv>

#include <fmt/format.h>

#include "gateway/base/bytes.h"

namespace postern {
namespace {

constexpr std::size_t longest_pattern = 512 * 1024;

std::unexpected<SyntaxError> wrong(std::size_t at, std::string what) {
  return std::unexpected(SyntaxError{at, std::move(what)});
}

char closing(char opening) {
  switch (opening) {
    case '{':
      return '}';
    case '(':
      return ')';
    case '[':
      return ']';
    case '<':
      return '>';
    default:
      return opening;
  }
}

struct Delimited {
  std::string_view inside;
  std::size_t start = 0;  // of `inside` in what was written
  std::string_view modifiers;
  char close = '/';
};

std::expected<Delimited, SyntaxError> undelimit(std::string_view written) {
  std::size_t at = 0;
  if (written.starts_with("qr")) {
    at = 2;
  } else if (written.starts_with("m") && written.size() > 1 && !is_alpha(written[1])) {
    at = 1;
  }
  if (at >= written.size() || (at == 0 && written[0] != '/') || is_space(written[at])) {
    return wrong(0, "a regular expression stands between slashes: write /re/, /re/i or m{re}");
  }
  const char close = closing(written[at]);
  // As in Perl's own files the last delimiter that only letters follow ends the pattern.
  std::size_t end = written.size();
  while (end > at + 1 && is_alpha(written[end - 1])) --end;
  if (end <= at + 1 || written[end - 1] != close) {
    return wrong(written.size(),
                 fmt::format("the closing '{}' is missing: write it after the pattern,"
                             " with nothing but modifiers behind it",
                             close));
  }
  return Delimited{written.substr(at + 1, end - at - 2), at + 1, written.substr(end), close};
}

std::expected<void, SyntaxError> read_modifiers(const Delimited& written, PerlPattern& out) {
  std::size_t at = written.start + written.inside.size() + 1;
  for (const char c : written.modifiers) {
    switch (c) {
      case 'i':
        out.ignore_case = true;
        break;
      case 'm':
        out.multi_line = true;
        break;
      case 's':
        out.dot_all = true;
        break;
      case 'x':
        out.extended = true;
        break;
      case 'n':
        out.no_captures = true;
        break;
      case 'a':
      case 'p':
        break;  // always so here; no effect on matching
      case 'g':
        return wrong(at,
                     "the modifier g has no meaning in a rule: take it away, and say"
                     " \"tflags NAME multiple\" to count matches");
      default:
        return wrong(at,
                     fmt::format("unknown modifier '{}': i, m, s, x, n and a are understood", c));
    }
    ++at;
  }
  return {};
}

/// Walks over the pattern once and copies it, changing what PCRE2 spells otherwise.
class Translation {
 public:
  Translation(const Delimited& from, PerlPattern& to)
      : from_(from.inside), start_(from.start), close_(from.close), to_(to) {}

  std::expected<void, SyntaxError> run() {
    while (at_ < from_.size()) {
      if (auto read = step(); !read) return read;
    }
    return {};
  }

 private:
  /// What stands before decides what a brace or another quantifier means.
  enum class Before { nothing, item, quantifier, look };

  std::expected<void, SyntaxError> step() {
    const char c = from_[at_];
    if (c == '\\' && at_ + 1 < from_.size()) {
      if (in_class_ == 0) before_ = Before::item;
      return escape();
    }
    if (c == close_ && c != ')' && c != ']' && c != '}') {
      return wrong(start_ + at_, fmt::format("a '{0}' ends the pattern: write \\{0}, or use other"
                                             " delimiters, as in m{{…}}",
                                             c));
    }
    if (in_class_ > 0) {
      step_in_class();
      return {};
    }
    switch (c) {
      case '[':
        before_ = Before::item;
        open_class();
        return {};
      case '(':
        return open_group();
      case ')':
        close_group();
        return {};
      case '{':
        return brace();
      case '*':
      case '+':
        if (before_ == Before::look) return repeated_nothing();
        [[fallthrough]];
      case '?':
        before_ = Before::quantifier;
        break;
      case '|':
      case '^':
        before_ = Before::nothing;
        break;
      default:
        before_ = Before::item;
    }
    copy(1);
    return {};
  }

  std::unexpected<SyntaxError> repeated_nothing() const {
    return wrong(start_ + at_, "what is repeated here has no length: take the quantifier away");
  }

  std::expected<void, SyntaxError> open_group() {
    looks_.push_back(peek(1) == '?' && (peek(2) == '=' || peek(2) == '!' ||
                                        (peek(2) == '<' && (peek(3) == '=' || peek(3) == '!'))));
    before_ = Before::nothing;
    if (peek(1) == '?') return group();
    copy(1);
    return {};
  }

  void close_group() {
    const bool look = !looks_.empty() && looks_.back();
    if (!looks_.empty()) looks_.pop_back();
    before_ = look ? Before::look : Before::item;
    copy(1);
  }

  std::expected<void, SyntaxError> brace() {
    const auto before = before_;
    const auto start = at_;
    if (before == Before::nothing) {  // there is nothing to repeat: a brace
      put('\\');
      copy(1);
      before_ = Before::item;
      return {};
    }
    if (quantifier()) {
      before_ = Before::quantifier;
      at_ = before == Before::item ? at_ : start;
      if (before == Before::look) return repeated_nothing();
      if (before == Before::quantifier)
        return wrong(start_ + at_, "a quantifier behind a quantifier: put the first into (?:…)");
      return {};
    }
    if (before != Before::quantifier) {
      return wrong(start_ + at_, "a '{' that begins no quantifier: write \\{");
    }
    put('\\');
    copy(1);
    before_ = Before::item;
    return {};
  }

  // ---- escapes ----

  std::expected<void, SyntaxError> escape() {
    const char c = from_[at_ + 1];
    static constexpr std::string_view interpolated = "QEULluF";
    if (interpolated.find(c) != std::string_view::npos) {
      return wrong(start_ + at_, fmt::format("\\{} has no meaning in a rule: escape the octets"
                                             " one by one",
                                             c));
    }
    if (c == 'b' && peek(2) == '{' && in_class_ == 0) {
      return wrong(start_ + at_, "\\b{…} asks for characters where rules see octets: write \\b");
    }
    if (c == 'x') return hexadecimal();
    if (c == 'o' && peek(2) == '{') return braced_number(at_ + 3, 8);
    if (c == 'N' && from_.substr(at_ + 2).starts_with("{U+")) return braced_number(at_ + 5, 16);
    if (c == '0' || (c >= '1' && c <= '7' && is_octal(peek(2)) && is_octal(peek(3)))) {
      return octal();
    }
    static constexpr std::string_view named = "gkpP";
    const bool braced = peek(2) == '{' && named.find(c) != std::string_view::npos;
    const auto end = braced ? from_.find('}', at_) : std::string_view::npos;
    copy(end == std::string_view::npos ? 2 : end + 1 - at_);
    return {};
  }

  static bool is_octal(char c) { return c >= '0' && c <= '7'; }
  static bool is_hexadecimal(char c) { return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'f'); }

  std::expected<void, SyntaxError> hexadecimal() {
    if (peek(2) == '{') return braced_number(at_ + 3, 16);
    const std::size_t digits = !is_hexadecimal(peek(2)) ? 0 : !is_hexadecimal(peek(3)) ? 1 : 2;
    if (digits < 2 && at_ + 2 + digits < from_.size()) {
      return wrong(start_ + at_, "\\x wants two hexadecimal digits");
    }
    copy(2 + digits);
    return {};
  }

  std::expected<void, SyntaxError> octal() {
    std::size_t digits = 1;
    while (digits < 3 && is_octal(peek(1 + digits))) ++digits;
    const char next = peek(1 + digits);
    if (digits < 3 && (next == '8' || next == '9')) {
      return wrong(start_ + at_, fmt::format("'{}' is no octal digit: write three of them", next));
    }
    if (digits == 3 && from_[at_ + 1] > '3') return never(at_ + 4);
    copy(1 + digits);
    return {};
  }

  /// \x{…}, \o{…}, \N{U+…}: an octet, or a character that no text of octets holds.
  std::expected<void, SyntaxError> braced_number(std::size_t first, int base) {
    const auto end = from_.find('}', first);
    if (end == std::string_view::npos) {
      return wrong(start_ + at_, "the closing '}' of the number is missing");
    }
    const auto digits = trim(from_.substr(first, end - first));
    std::uint32_t value = 0;
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
    if (read.ptr != digits.data() + digits.size()) {
      return wrong(start_ + at_, "this is no number: write \\xHH");
    }
    if (read.ec == std::errc::result_out_of_range || value > 0xFF) return never(end + 1);
    for (const char c : fmt::format("\\x{:02x}", value)) put(c);
    at_ = end + 1;
    return {};
  }

  std::expected<void, SyntaxError> never(std::size_t end) {
    if (in_class_ > 0) {
      return wrong(start_ + at_, "no octet is that large: write the octets of its UTF-8 form");
    }
    for (const char c : std::string_view("(?!)")) put(c);
    at_ = end;
    return {};
  }

  // ---- the text ----

  char peek(std::size_t ahead) const {
    return at_ + ahead < from_.size() ? from_[at_ + ahead] : '\0';
  }

  void put(char c) {
    to_.text += c;
    to_.origin.push_back(static_cast<std::uint32_t>(start_ + at_));
  }
  void copy(std::size_t count) {
    for (; count > 0 && at_ < from_.size(); --count, ++at_) put(from_[at_]);
  }

  void open_class() {
    in_class_ = 1;
    copy(1);
    if (peek(0) == '^') copy(1);
    if (peek(0) == ']') copy(1);  // a ']' in the first place is a member
  }

  void step_in_class() {
    if (from_[at_] == '[' && peek(1) == ':') {
      const auto end = from_.find(":]", at_ + 2);
      if (end != std::string_view::npos && end - at_ < 16) return copy(end + 2 - at_);
    }
    if (from_[at_] == ']') in_class_ = 0;
    copy(1);
  }

  /// "(?…": refuses code, and drops from inline flags the letters that say what is so anyway.
  std::expected<void, SyntaxError> group() {
    if (peek(2) == '{' || (peek(2) == '?' && peek(3) == '{')) {
      return wrong(start_ + at_, "code inside a regular expression is not run: take (?{…}) away");
    }
    if (peek(2) == '[') {
      return wrong(start_ + at_,
                   "extended classes (?[…]) are not supported: write a plain [class]");
    }
    std::size_t end = at_ + 2;
    while (end < from_.size() && (is_alpha(from_[end]) || from_[end] == '-' || from_[end] == '^'))
      ++end;
    const bool flags =
        end > at_ + 2 && end < from_.size() && (from_[end] == ')' || from_[end] == ':');
    if (peek(2) == '#') {
      const auto comment = from_.find(')', at_);
      copy(comment == std::string_view::npos ? from_.size() : comment - at_);
      return {};
    }
    if (!flags || from_[at_ + 2] == 'P' || from_[at_ + 2] == 'R') {
      copy(3);
      return {};
    }
    copy(2);
    while (at_ < end) {
      const char c = from_[at_];
      if (c == 'u' || c == 'l' || c == 'd') {
        return wrong(start_ + at_, fmt::format("the flag '{}' asks for characters where rules see"
                                               " octets: take it away",
                                               c));
      }
      if (c == 'a' || c == 'p') {
        ++at_;
      } else {
        copy(1);
      }
    }
    return {};
  }

  /// Perl 5.34 and later read {,n} and blanks inside the braces; PCRE2 10.42 takes them literally.
  bool quantifier() {
    const auto end = from_.find('}', at_);
    if (end == std::string_view::npos || end - at_ > 24) return false;
    const auto bounds = from_.substr(at_ + 1, end - at_ - 1);
    const auto comma = bounds.find(',');
    const auto least = trim(bounds.substr(0, comma));
    const auto most =
        comma == std::string_view::npos ? std::string_view{} : trim(bounds.substr(comma + 1));
    const auto number = [](std::string_view text) { return parse_number(text, 65535).has_value(); };
    if (least.empty() && most.empty()) return false;
    if ((!least.empty() && !number(least)) || (!most.empty() && !number(most))) return false;
    put('{');
    for (const char c : least.empty() ? std::string_view("0") : least) put(c);
    if (comma != std::string_view::npos) put(',');
    for (const char c : most) put(c);
    put('}');
    at_ = end + 1;
    return true;
  }

  std::string_view from_;
  std::size_t start_;
  char close_;
  PerlPattern& to_;
  std::size_t at_ = 0;
  int in_class_ = 0;
  Before before_ = Before::nothing;
  std::vector<bool> looks_;  // of the open groups, which are look-arounds
};

}  // namespace

std::expected<PerlPattern, SyntaxError> translate_pattern(std::string_view written) {
  if (written.size() > longest_pattern) {
    return wrong(0, fmt::format("the pattern is {} octets long, more than {}: split the rule",
                                written.size(), longest_pattern));
  }
  const auto delimited = undelimit(written);
  if (!delimited) return std::unexpected(delimited.error());
  PerlPattern out;
  if (auto read = read_modifiers(*delimited, out); !read) return std::unexpected(read.error());
  if (auto read = Translation(*delimited, out).run(); !read) return std::unexpected(read.error());
  return out;
}

}  // namespace postern
