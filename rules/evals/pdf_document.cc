#include "rules/evals/pdf_document.h"

#include <openssl/evp.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <utility>

#include "gateway/base/bytes.h"

namespace postern {
namespace {

constexpr std::size_t mark_within = 1024;
constexpr unsigned fuzzy_lines = 70;  // fewer than that are weighed
constexpr std::size_t longest_property = 256;

std::string md5_in_capitals(std::string_view octets) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  EVP_Digest(octets.data(), octets.size(), digest.data(), &size, EVP_md5(), nullptr);
  std::string out = hex({reinterpret_cast<const char*>(digest.data()), size});
  std::ranges::transform(out, out.begin(), [](char c) {
    return c >= 'a' && c <= 'f' ? static_cast<char>(c - 32) : c;
  });
  return out;
}

bool has_mark(std::string_view octets) {
  constexpr std::string_view mark = "%PDF-";
  for (auto at = octets.find(mark); at != std::string_view::npos && at <= mark_within;
       at = octets.find(mark, at + 1)) {
    const auto version = octets.substr(at + mark.size(), 3);
    if (version.size() == 3 && is_digit(version[0]) && version[1] == '.' && is_digit(version[2]))
      return true;
  }
  return false;
}

std::size_t digits_at(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::find_if_not(text, is_digit) - text.begin());
}

std::string_view take_digits(std::string_view& text) {
  const auto digits = text.substr(0, digits_at(text));
  text.remove_prefix(digits.size());
  return digits;
}

/// At least one.
bool take_blanks(std::string_view& text) {
  const auto before = text.size();
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  return text.size() < before;
}

struct Size {
  std::string_view width;
  std::string_view height;
};

/// "630 0 0 149 0 0 cm".
std::optional<Size> placed_size(std::string_view line) {
  std::array<std::string_view, 6> numbers;
  for (auto& number : numbers) {
    number = take_digits(line);
    if (number.empty() || !take_blanks(line)) return {};
  }
  if (line != "cm") return {};
  return Size{numbers[0], numbers[3]};
}

/// "/Width 630", and what follows it.
std::optional<std::string_view> number_behind(std::string_view key, std::string_view& text) {
  if (!text.starts_with(key)) return {};
  auto rest = text.substr(key.size());
  if (rest.empty() || !is_space(rest.front())) return {};
  rest.remove_prefix(1);
  const auto digits = take_digits(rest);
  if (digits.empty()) return {};
  text = rest;
  return digits;
}

/// Both in one line, which must not begin with one of them: then only that one is read.
std::optional<Size> size_in(std::string_view line) {
  if (const auto placed = placed_size(line)) return placed;
  for (const std::string_view key : {"/Width", "/Height"}) {
    auto rest = line;
    if (number_behind(key, rest)) return {};
  }
  for (auto at = line.find("/Width"); at != std::string_view::npos;
       at = line.find("/Width", at + 1)) {
    auto rest = line.substr(at);
    const auto width = number_behind("/Width", rest);
    const auto height = width ? number_behind("/Height", rest) : std::nullopt;
    if (height) return Size{*width, *height};
  }
  return {};
}

double number_of(std::string_view digits) {
  double value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return value;
}

bool is_zero(std::string_view digits) { return digits == "0"; }

// ---- properties ----

/// "(text)" up to a bracket without a backslash before it, or "<hex>", both with their marks.
std::string_view string_at(std::string_view text) {
  if (text.starts_with('<')) {
    const auto end = text.find('>');
    return end == std::string_view::npos ? std::string_view() : text.substr(0, end + 1);
  }
  if (!text.starts_with('(')) return {};
  for (auto end = text.find(')', 1); end != std::string_view::npos; end = text.find(')', end + 1)) {
    if (text[end - 1] != '\\') return text.substr(0, end + 1);
  }
  return {};
}

std::string without_utf16(std::string text) {
  if (!text.starts_with("\xFE\xFF") && !text.starts_with("\xFF\xFE")) return text;
  text.erase(0, 2);
  std::erase(text, '\0');
  return text;
}

std::string from_hex(std::string_view text) {
  std::string out;
  const auto digit = [](char c) -> int {
    if (is_digit(c)) return c - '0';
    return lower(c) >= 'a' && lower(c) <= 'f' ? lower(c) - 'a' + 10 : -1;
  };
  for (std::size_t i = 0; i + 1 < text.size();) {
    const int high = digit(text[i]);
    const int low = digit(text[i + 1]);
    if (high < 0 || low < 0) {
      ++i;
      continue;
    }
    out.push_back(static_cast<char>(high * 16 + low));
    i += 2;
  }
  return without_utf16(std::move(out));
}

/// "\101" -> "A", unless another backslash stands before it.
std::string without_octals(std::string_view text) {
  const auto octal = [text](std::size_t at, char last) {
    return at < text.size() && text[at] >= '0' && text[at] <= last;
  };
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escaped = i > 0 && text[i - 1] == '\\';
    if (text[i] == '\\' && !escaped && octal(i + 1, '3') && octal(i + 2, '7') &&
        octal(i + 3, '7')) {
      out.push_back(static_cast<char>((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 +
                                      (text[i + 3] - '0')));
      i += 3;
    } else {
      out.push_back(text[i]);
    }
  }
  return out;
}

/// A backslash in front of a bracket or of another backslash goes.
std::string without_escapes(std::string_view text) {
  constexpr std::string_view escaped = "()\\";
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escapes = text[i] == '\\' && i + 1 < text.size() &&
                         escaped.find(text[i + 1]) != std::string_view::npos;
    if (escapes) ++i;
    out.push_back(text[i]);
  }
  return out;
}

std::string property_text(std::string_view written) {
  std::string text;
  if (written.starts_with('<')) {
    text = from_hex(written);
  } else {
    if (written.starts_with('(')) written.remove_prefix(1);
    if (written.ends_with(')')) written.remove_suffix(1);
    text = without_escapes(without_utf16(without_octals(written)));
  }
  if (text.size() > longest_property) text.resize(longest_property);
  return text;
}

/// The string behind a key, of which up to two blanks may part it; "" where there is none.
std::string_view string_behind(std::string_view key, std::string_view line) {
  std::string_view openings = "(<";  // what has no end behind one place has none behind a later one
  for (auto at = line.find(key); at != std::string_view::npos; at = line.find(key, at + 1)) {
    auto rest = line.substr(at + key.size());
    for (int i = 0; i < 2 && !rest.empty() && is_space(rest.front()); ++i) rest.remove_prefix(1);
    if (rest.empty() || openings.find(rest.front()) == std::string_view::npos) continue;
    if (const auto found = string_at(rest); !found.empty()) return found;
    openings = openings == "(<" ? (rest.front() == '(' ? "<" : "(") : "";
  }
  return {};
}

/// The digits of "(D:20070703144220".
std::string_view date_behind(std::string_view key, std::string_view line) {
  constexpr std::string_view mark = "(D:";
  for (auto at = line.find(key); at != std::string_view::npos; at = line.find(key, at + 1)) {
    auto rest = line.substr(at + key.size());
    for (int i = 0; i < 2 && !rest.empty() && is_space(rest.front()); ++i) rest.remove_prefix(1);
    if (!rest.starts_with(mark)) continue;
    rest.remove_prefix(mark.size());
    if (const auto digits = take_digits(rest); !digits.empty()) return digits;
  }
  return {};
}

struct Property {
  std::string_view key;
  std::string_view name;
};
constexpr std::array texts{Property{"/Author", "author"}, Property{"/Creator", "creator"},
                           Property{"/Producer", "producer"}, Property{"/Title", "title"}};
constexpr std::array dates{Property{"/CreationDate", "created"}, Property{"/ModDate", "modified"}};

class Reader {
 public:
  PdfDocument read(std::string_view octets) {
    out_.digest = md5_in_capitals(octets);
    while (!octets.empty()) {
      const auto end = std::min(octets.find('\n'), octets.size());
      if (end > 0) take_line(octets.substr(0, end));
      octets.remove_prefix(std::min(end + 1, octets.size()));
    }
    if (height_ > 0 && width_ > 0)
      out_.sizes.insert(std::to_string(height_) + "x" + std::to_string(width_));
    for (const auto& text : {fuzzy_, tags_}) {
      if (!text.empty() && text != "0") out_.fuzzy_digests.push_back(md5_in_capitals(text));
    }
    return std::move(out_);
  }

 private:
  void take_line(std::string_view line) {
    if (!fuzzy_is_done_ && ++lines_ < fuzzy_lines) line = take_fuzzy(line);
    if (line.contains("/Image")) picture_begins_ = true;
    if (line.starts_with("/Encrypt")) out_.encrypted = true;
    if (picture_begins_) take_picture(line);
    if (!line.contains('/')) return;
    if (line.starts_with('/')) {
      const auto name = line.substr(1);
      const auto end = std::ranges::find_if_not(name, is_alpha);
      tags_.append(name.begin(), end);
    }
    for (const auto& property : texts) {
      if (const auto found = string_behind(property.key, line); !found.empty())
        out_.properties[std::string(property.name)].insert(property_text(found));
    }
    for (const auto& property : dates) {
      if (const auto found = date_behind(property.key, line); !found.empty())
        out_.properties[std::string(property.name)].insert(property_text(found));
    }
  }

  /// What is the same in many files of one sender; up to the first stream. Gives the line back, of
  /// which blanks at the end are gone where it was weighed.
  std::string_view take_fuzzy(std::string_view line) {
    constexpr std::array<std::string_view, 5> left_out{"%", "/Height", "/Width", "/MediaBox",
                                                       "/CropBox"};
    const bool weighed =
        std::ranges::none_of(left_out, [line](auto start) { return line.starts_with(start); }) &&
        !placed_size(line);
    if (weighed) {
      while (!line.empty() && is_space(line.back())) line.remove_suffix(1);
      fuzzy_ += line;
    }
    fuzzy_is_done_ = line.contains("stream");
    return line;
  }

  void take_picture(std::string_view line) {
    const auto size = size_in(line);
    if (!size || is_zero(size->width) || is_zero(size->height)) return;
    const double width = number_of(size->width);
    const double height = number_of(size->height);
    out_.sizes.insert(std::string(size->height) + "x" + std::string(size->width));
    out_.pixels += width * height;
    width_ += static_cast<std::uint64_t>(std::min(width, most_pixels));
    height_ += static_cast<std::uint64_t>(std::min(height, most_pixels));
    ++out_.pictures;
    fuzzy_is_done_ = true;
    picture_begins_ = false;
  }

  static constexpr double most_pixels = 1e9;  // of one side; beyond that nobody counts exactly

  PdfDocument out_;
  std::string fuzzy_;
  std::string tags_;
  unsigned lines_ = 0;
  bool fuzzy_is_done_ = false;
  bool picture_begins_ = false;
  std::uint64_t width_ = 0;
  std::uint64_t height_ = 0;
};

}  // namespace

std::optional<PdfDocument> read_pdf(std::string_view octets) {
  if (octets.starts_with("\xEF\xBB\xBF")) octets.remove_prefix(3);
  if (!has_mark(octets)) return {};
  return Reader().read(octets);
}

}  // namespace postern
