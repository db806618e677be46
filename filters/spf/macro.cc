#include "filters/spf/macro.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <vector>

#include "gateway/base/bytes.h"
#include "gateway/mail/address.h"

namespace postern::spf {
namespace {

constexpr std::string_view everywhere = "slodiphv";
constexpr std::string_view explanations_only = "crt";
constexpr std::string_view delimiters = ".-+,/_=";
constexpr std::size_t longest_domain = 253;  // RFC 1035 §3.1, as text
constexpr std::size_t most_parts = 1000;     // a transformer's number beyond it keeps everything

bool has(std::string_view characters, char c) {
  return characters.find(c) != std::string_view::npos;
}

/// A stretch of literal text, or one expansion.
struct Piece {
  std::string_view literal;  // "" for an expansion
  char letter = 0;           // as written: a capital one escapes
  std::size_t kept = 0;      // parts on the right; 0 = all
  bool reversed = false;
  std::string_view separators;  // "" = "."
};

/// What stands between "%{" and "}".
std::optional<Piece> read_expansion(std::string_view text, MacroPlace place) {
  if (text.empty()) return {};
  Piece piece;
  piece.letter = text.front();
  const char kind = lower(piece.letter);
  if (!has(everywhere, kind) && !(place == MacroPlace::explanation && has(explanations_only, kind)))
    return {};
  text.remove_prefix(1);
  const auto digits = std::min(text.find_first_not_of("0123456789"), text.size());
  for (const char c : text.substr(0, digits))
    piece.kept = std::min(piece.kept * 10 + static_cast<std::size_t>(c - '0'), most_parts);
  if (digits > 0 && piece.kept == 0) return {};  // §7.1: MUST be nonzero
  text.remove_prefix(digits);
  if (!text.empty() && lower(text.front()) == 'r') {
    piece.reversed = true;
    text.remove_prefix(1);
  }
  if (text.find_first_not_of(delimiters) != std::string_view::npos) return {};
  piece.separators = text;
  return piece;
}

bool literal_character(char c, MacroPlace place) {
  return (c > ' ' && c <= '~' && c != '%') || (c == ' ' && place == MacroPlace::explanation);
}

/// Takes one piece off the front of `text`; nothing where it is malformed.
std::optional<Piece> next_piece(std::string_view& text, MacroPlace place) {
  if (text.front() != '%') {
    const auto end = std::min(text.find('%'), text.size());
    Piece piece{.literal = text.substr(0, end), .separators = {}};
    text.remove_prefix(end);
    const bool fine =
        std::ranges::all_of(piece.literal, [&](char c) { return literal_character(c, place); });
    return fine ? std::optional(piece) : std::nullopt;
  }
  const char kind = text.size() > 1 ? text[1] : '\0';
  const std::string_view escaped = kind == '%' ? "%" : kind == '_' ? " " : kind == '-' ? "%20" : "";
  if (!escaped.empty()) {
    text.remove_prefix(2);
    return Piece{.literal = escaped, .separators = {}};
  }
  const auto end = text.find('}');
  if (kind != '{' || end == std::string_view::npos) return {};
  const auto piece = read_expansion(text.substr(2, end - 2), place);
  text.remove_prefix(end + 1);
  return piece;
}

/// For %{i}: IPv6 in nibbles with dots.
std::string dotted(const IpAddress& address) {
  if (address.is_v4()) return address.text();
  std::string out = address.reversed();
  std::ranges::reverse(out);
  return out;
}

std::string value_of(char letter, const MacroValues& values) {
  switch (letter) {
    case 's':
      return values.sender;
    case 'l':
      return std::string(local_of(values.sender));
    case 'o':
      return std::string(domain_of(values.sender));
    case 'd':
      return values.domain;
    case 'i':
      return dotted(values.client);
    case 'p':
      return values.validated_name;
    case 'v':
      return values.client.is_v4() ? "in-addr" : "ip6";
    case 'h':
      return values.helo;
    case 'c':
      return values.client.text();
    case 'r':
      return values.receiver;
    default: {  // 't': read_expansion knows no other
      const auto since = std::chrono::floor<std::chrono::seconds>(values.now.time_since_epoch());
      return std::to_string(since.count());
    }
  }
}

std::string transformed(const std::string& value, const Piece& piece) {
  if (piece.kept == 0 && !piece.reversed && piece.separators.empty()) return value;
  const std::string_view separators = piece.separators.empty() ? "." : piece.separators;
  std::vector<std::string_view> parts(1, value);
  for (auto at = value.find_first_of(separators); at != std::string::npos;
       at = value.find_first_of(separators, at + 1)) {
    const auto from = static_cast<std::size_t>(parts.back().data() - value.data());
    parts.back() = std::string_view(value).substr(from, at - from);
    parts.push_back(std::string_view(value).substr(at + 1));
  }
  if (piece.reversed) std::ranges::reverse(parts);
  const std::size_t skipped =
      piece.kept > 0 && piece.kept < parts.size() ? parts.size() - piece.kept : 0;
  std::string out;
  for (std::size_t i = skipped; i < parts.size(); ++i) {
    if (i > skipped) out += '.';
    out += parts[i];
  }
  return out;
}

/// RFC 3986 §2.3: everything but the unreserved characters.
std::string url_escaped(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    if (is_alpha(c) || is_digit(c) || has("-._~", c)) {
      out += c;
      continue;
    }
    const auto octet = static_cast<unsigned char>(c);
    out += '%';
    out += digits[octet >> 4U];
    out += digits[octet & 15U];
  }
  return out;
}

template <class Look>
bool each_piece(std::string_view text, MacroPlace place, Look look) {
  while (!text.empty()) {
    const auto piece = next_piece(text, place);
    if (!piece) return false;
    look(*piece);
  }
  return true;
}

/// §7.1 toplabel: letters, digits and inner hyphens, not digits alone.
bool is_top_label(std::string_view label) {
  if (label.empty() || label.front() == '-' || label.back() == '-') return false;
  const bool fits =
      std::ranges::all_of(label, [](char c) { return is_alpha(c) || is_digit(c) || c == '-'; });
  return fits && !std::ranges::all_of(label, is_digit);
}

}  // namespace

bool valid_macros(std::string_view text, MacroPlace place) {
  return each_piece(text, place, [](const Piece&) {});
}

bool valid_domain_spec(std::string_view text) {
  Piece last;
  if (text.empty() || !each_piece(text, MacroPlace::domain, [&](const Piece& p) { last = p; }))
    return false;
  if (last.letter != 0) return true;
  if (text.ends_with("%%") || text.ends_with("%_") || text.ends_with("%-")) return true;
  std::string_view tail = last.literal;
  if (tail.ends_with('.')) tail.remove_suffix(1);
  const auto dot = tail.rfind('.');
  return dot != std::string_view::npos && is_top_label(tail.substr(dot + 1));
}

bool wants_validated_name(std::string_view text) {
  bool wants = false;
  each_piece(text, MacroPlace::explanation,
             [&](const Piece& piece) { wants = wants || lower(piece.letter) == 'p'; });
  return wants;
}

std::string expand_macros(std::string_view text, const MacroValues& values) {
  std::string out;
  each_piece(text, MacroPlace::explanation, [&](const Piece& piece) {
    if (out.size() >= longest_expansion) return;
    if (piece.letter == 0) {
      out += piece.literal;
      return;
    }
    const std::string value = transformed(value_of(lower(piece.letter), values), piece);
    out +=
        is_alpha(piece.letter) && piece.letter != lower(piece.letter) ? url_escaped(value) : value;
  });
  if (out.size() > longest_expansion) out.resize(longest_expansion);
  return out;
}

std::string expand_domain(std::string_view text, const MacroValues& values) {
  std::string out = expand_macros(text, values);
  if (out.ends_with('.')) out.pop_back();
  if (out.size() <= longest_domain) return out;
  const auto dot = out.find('.', out.size() - longest_domain - 1);
  return dot == std::string::npos ? out : out.substr(dot + 1);
}

}  // namespace postern::spf
