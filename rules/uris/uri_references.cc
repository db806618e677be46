#include "rules/uris/uri_references.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <optional>
#include <system_error>

#include "gateway/base/bytes.h"

namespace postern {
namespace {

/// A reference and the octet that it stands for.
struct Reference {
  std::size_t length = 0;
  char octet = 0;
};

using Reader = std::optional<Reference> (*)(std::string_view text);

/// "&#", `mark`, zeros and a number to the ';', which must name visible ASCII. In hexadecimal 2A to
/// 2F are left out, as SpamAssassin leaves them out.
std::optional<Reference> visible(std::string_view text, std::string_view mark, int base) {
  if (!text.substr(2).starts_with(mark)) return std::nullopt;
  std::size_t start = 2 + mark.size();
  while (text.substr(start).starts_with('0')) ++start;
  unsigned value = 0;
  // Four digits are more than any of these has.
  const auto digits = text.substr(start, 4);
  const auto [end, error] = std::from_chars(digits.begin(), digits.end(), value, base);
  if (error != std::errc{} || value < 0x21 || value > 0x7e) return std::nullopt;
  if (base == 16 && value >= 0x2a && value <= 0x2f) return std::nullopt;
  const auto close = static_cast<std::size_t>(end - text.data());
  if (!text.substr(close).starts_with(';')) return std::nullopt;
  return Reference{close + 1, static_cast<char>(value)};
}

std::optional<Reference> decimal(std::string_view text) { return visible(text, "", 10); }
std::optional<Reference> hexadecimal(std::string_view text) { return visible(text, "x", 16); }

/// U+3002, U+FF0E and U+FF61 (RFC 3490 §3.1), and U+002E itself.
std::optional<Reference> full_stop(std::string_view text) {
  constexpr std::array<std::string_view, 7> stops{"x2e;",   "12290;", "x3002;", "65294;",
                                                  "xff0e;", "65377;", "xff61;"};
  for (const auto stop : stops) {
    if (starts_with_ignoring_case(text.substr(2), stop)) return Reference{2 + stop.size(), '.'};
  }
  return std::nullopt;
}

std::string replaced(std::string_view uri, Reader read) {
  std::string out;
  out.reserve(uri.size());
  while (!uri.empty()) {
    const auto start = std::min(uri.find("&#"), uri.size());
    out += uri.substr(0, start);
    uri.remove_prefix(start);
    if (uri.empty()) break;
    if (const auto reference = read(uri)) {
      out += reference->octet;
      uri.remove_prefix(reference->length);
    } else {
      out += uri.substr(0, 2);
      uri.remove_prefix(2);
    }
  }
  return out;
}

}  // namespace

std::string without_references(std::string uri) {
  for (const Reader read : {decimal, hexadecimal, full_stop}) {
    if (uri.find("&#") == std::string::npos) return uri;
    uri = replaced(uri, read);
  }
  return uri;
}

std::string_view bracketed_mailbox(std::string_view uri) {
  const auto end = std::min(uri.find_first_of("?&"), uri.size());
  // The last bracket that an address follows counts.
  for (auto open = uri.substr(0, end).rfind('<'); open != std::string_view::npos;
       open = open == 0 ? std::string_view::npos : uri.rfind('<', open - 1)) {
    const auto at = uri.find_first_of("@>", open + 1);
    if (at == std::string_view::npos) continue;
    if (uri[at] != '@' || at == open + 1) continue;
    const auto close = uri.find('>', at + 1);
    if (close != std::string_view::npos && close > at + 1)
      return uri.substr(open + 1, close - open - 1);
  }
  return {};
}

}  // namespace postern
