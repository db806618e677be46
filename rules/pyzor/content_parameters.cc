#include "rules/pyzor/content_parameters.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "gateway/base/bytes.h"

namespace postern {
namespace {

constexpr std::size_t most_pieces = 1000;  // of one parameter: more is no honest file name

struct Piece {
  std::uint64_t number = 0;
  std::string value;
  bool encoded = false;
};

/// Each parameter as it is written; the type itself comes first.
std::vector<std::string_view> written_parameters(std::string_view field) {
  std::vector<std::string_view> out;
  bool quoted = false;
  std::size_t begin = 0;
  for (std::size_t at = 0; at <= field.size(); ++at) {
    if (at == field.size() || (field[at] == ';' && !quoted)) {
      out.push_back(trim(field.substr(begin, at - begin)));
      begin = at + 1;
      quoted = false;
    } else if (field[at] == '"' && (at == begin || field[at - 1] != '\\')) {
      quoted = !quoted;
    }
  }
  return out;
}

std::string unquoted(std::string_view value) {
  if (value.size() < 2) return std::string(value);
  if (value.front() == '<' && value.back() == '>')
    return std::string(value.substr(1, value.size() - 2));
  if (value.front() != '"' || value.back() != '"') return std::string(value);
  std::string out;
  value = value.substr(1, value.size() - 2);
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (value[i] == '\\' && i + 1 < value.size() && (value[i + 1] == '\\' || value[i + 1] == '"'))
      ++i;
    out += value[i];
  }
  return out;
}

std::optional<unsigned> hex_digit(char c) {
  if (is_digit(c)) return static_cast<unsigned>(c - '0');
  const char small = lower(c);
  if (small >= 'a' && small <= 'f') return static_cast<unsigned>(small - 'a' + 10);
  return {};
}

std::string without_percents(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto high = text[i] == '%' && i + 2 < text.size() ? hex_digit(text[i + 1]) : std::nullopt;
    const auto low = high ? hex_digit(text[i + 2]) : std::nullopt;
    if (low) {
      out += static_cast<char>(*high << 4 | *low);
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

/// "name*", "name*2" and "name*2*" are pieces of `name`.
std::optional<Piece> piece_of(std::string_view written, std::string_view name,
                              std::string_view value) {
  if (!written.starts_with(name)) return {};
  written.remove_prefix(name.size());
  if (!written.starts_with('*')) return {};
  Piece piece{0, unquoted(value), written.ends_with('*')};
  written.remove_prefix(1);
  if (written.ends_with('*')) written.remove_suffix(1);
  if (!written.empty()) {
    const auto number = parse_number(written, 1'000'000);
    if (!number) return {};
    piece.number = *number;
  }
  return piece;
}

/// RFC 2231 §3, §4: charset'language'value with percents, where one piece says that it is encoded.
std::optional<std::string> joined(std::vector<Piece> pieces) {
  if (pieces.empty()) return {};
  std::ranges::sort(pieces, {}, &Piece::number);
  std::string out;
  bool encoded = false;
  for (const auto& piece : pieces) {
    out += piece.encoded ? without_percents(piece.value) : piece.value;
    encoded = encoded || piece.encoded;
  }
  if (!encoded) return out;
  const auto first = out.find('\'');
  const auto second = first == std::string::npos ? first : out.find('\'', first + 1);
  return second == std::string::npos ? out : out.substr(second + 1);
}

}  // namespace

std::string python_content_type(std::string_view field) {
  auto type = to_lower(trim(field.substr(0, field.find(';'))));
  if (std::ranges::count(type, '/') != 1) return "text/plain";
  return type;
}

std::optional<std::string> python_parameter(std::string_view field, std::string_view name) {
  std::vector<Piece> pieces;
  for (const auto written : written_parameters(field)) {
    const auto equals = written.find('=');
    const auto key = to_lower(trim(written.substr(0, equals)));
    const auto value =
        equals == std::string_view::npos ? std::string_view() : trim(written.substr(equals + 1));
    if (key == name) return unquoted(value);
    if (auto piece = piece_of(key, name, value); piece && pieces.size() < most_pieces)
      pieces.push_back(*std::move(piece));
  }
  return joined(std::move(pieces));
}

}  // namespace postern
