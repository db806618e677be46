#include "rules/patterns/perl_pattern.h"

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
      const char c = from_[at_];
      if (c == '\\' && at_ + 1 < from_.size()) {
        copy(2);
      } else if (in_class_ > 0) {
        step_in_class();
      } else if (close_ == '/' && c == '/') {
        return wrong(start_ + at_, "a '/' inside /…/ ends the pattern: write \\/ or use m{…}");
      } else if (c == '[') {
        open_class();
      } else if (c == '(' && peek(1) == '?') {
        if (auto read = group(); !read) return read;
      } else if (c == '{' && quantifier()) {
        continue;
      } else {
        copy(1);
      }
    }
    return {};
  }

 private:
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
    if (!flags || from_[at_ + 2] == 'P' || from_[at_ + 2] == 'R') {
      copy(2);
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
