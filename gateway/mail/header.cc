#include "gateway/mail/header.h"

#include <algorithm>

#include "gateway/base/bytes.h"

namespace postern {

namespace {

constexpr std::size_t wanted_line = 78;    // RFC 5322 §2.1.1
constexpr std::size_t longest_line = 998;  // the same: MUST
// A run of blanks longer than this is cut: it could not be folded without a line of blanks only,
// which some readers take for the end of the header.
constexpr std::size_t longest_gap = 64;
constexpr std::size_t longest_name =
    200;  // ours are far shorter; a filter's may come from anywhere

/// The first line of `text`, its end included.
std::string_view first_line(std::string_view text) {
  const auto end = text.find('\n');
  return end == std::string_view::npos ? text : text.substr(0, end + 1);
}

std::string_view without_line_end(std::string_view line) {
  if (line.ends_with('\n')) line.remove_suffix(1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

constexpr bool is_name_character(char c) { return c > ' ' && c <= '~' && c != ':'; }

/// Where the colon of a field stands (blanks in front of it are obsolete syntax, RFC 5322 §4.5.3),
/// or nothing for a line that is no field. `name_size`: without these blanks.
std::size_t find_colon(std::string_view line, std::size_t& name_size) {
  std::size_t i = 0;
  while (i < line.size() && is_name_character(line[i])) ++i;
  name_size = i;
  while (i < line.size() && is_blank(line[i])) ++i;
  return name_size > 0 && i < line.size() && line[i] == ':' ? i : std::string_view::npos;
}

/// Lets a continuation line grow the field in front of it.
void extend(HeaderField& field, std::size_t octets) {
  field.whole = std::string_view(field.whole.data(), field.whole.size() + octets);
  field.value = std::string_view(field.value.data(), field.value.size() + octets);
}

}  // namespace

std::string HeaderField::unfolded() const {
  std::string out;
  out.reserve(value.size());
  for (const char c : value) {
    if (c == '\n' && out.ends_with('\r')) out.pop_back();
    if (c != '\n') out += c;
  }
  return std::string(trim(out));
}

SplitMessage split_message(std::string_view octets, std::size_t limit) {
  SplitMessage out;
  std::size_t at = 0;
  bool in_field = false;   // a continuation belongs to something
  bool is_listed = false;  // … and that is the last of out.fields
  while (at < octets.size()) {
    const std::string_view line = first_line(octets.substr(at));
    const std::string_view text = without_line_end(line);
    if (text.empty() && line.ends_with('\n')) {
      out.separated = true;
      out.header = octets.substr(0, at);
      out.body = octets.substr(at + line.size());
      return out;
    }
    at += line.size();

    if (is_blank(line.front())) {
      if (!in_field || trim(text).empty()) out.malformed = true;
      if (is_listed) extend(out.fields.back(), line.size());
      continue;
    }
    std::size_t name_size = 0;
    const auto colon = find_colon(text, name_size);
    in_field = colon != std::string_view::npos;
    is_listed = in_field && out.fields.size() < limit;
    if (!in_field) out.malformed = true;
    if (is_listed) out.fields.push_back({line.substr(0, name_size), line.substr(colon + 1), line});
  }
  out.header = octets;
  out.body = octets.substr(octets.size());
  return out;
}

const HeaderField* find_field(const SplitMessage& message, std::string_view name) {
  const auto found = std::ranges::find_if(message.fields, [name](const HeaderField& field) {
    return equals_ignoring_case(field.name, name);
  });
  return found == message.fields.end() ? nullptr : &*found;
}

std::size_t count_fields(const SplitMessage& message, std::string_view name) {
  return static_cast<std::size_t>(std::ranges::count_if(
      message.fields,
      [name](const HeaderField& field) { return equals_ignoring_case(field.name, name); }));
}

namespace {

/// The lines that the caller folded `value` into, each cleaned of line breaks and controls and
/// starting with its blank; lines without text are left out.
std::vector<std::string> wanted_lines(std::string_view value) {
  std::vector<std::string> out(1);
  std::size_t gap = 0;
  for (std::size_t i = 0; i < value.size(); ++i) {
    const auto octet = static_cast<unsigned char>(value[i]);
    const bool fold = value[i] == '\n' && i + 1 < value.size() && is_blank(value[i + 1]);
    if (fold) {
      out.emplace_back();
      gap = 0;
      continue;
    }
    if (value[i] == '\r' && i + 1 < value.size() && value[i + 1] == '\n') continue;
    const bool control = (octet < 0x20 && octet != '\t') || octet == 0x7f;
    const char c = control ? ' ' : value[i];
    gap = is_blank(c) ? gap + 1 : 0;
    if (gap <= longest_gap) out.back() += c;
  }
  for (auto& line : out) {
    while (!line.empty() && is_blank(line.back())) line.pop_back();
  }
  std::erase_if(out, [](const std::string& line) { return line.empty(); });
  return out;
}

/// How much of a word that no line can hold goes onto this one: not a part of a UTF-8 sequence.
std::size_t cut_point(std::string_view word, std::size_t room) {
  std::size_t at = room;
  while (at + 3 > room && (static_cast<unsigned char>(word[at]) & 0xc0) == 0x80) --at;
  return at;
}

/// Appends `line`, which ends with a word, folded. The first word of all (the field's name) does
/// not stand alone where that can be avoided: some readers stumble over it.
void append_folded(std::string& out, std::string_view line, bool named) {
  std::size_t column = 0;
  for (std::size_t at = 0, words = 0; at < line.size(); ++words) {
    const auto word = line.find_first_not_of(" \t", at);
    const auto end = std::min(line.find_first_of(" \t", word), line.size());
    std::string_view piece = line.substr(at, end - at);
    at = end;

    const std::size_t bound = named && words == 1 ? longest_line : wanted_line;
    if (column > 0 && column + piece.size() > bound) {
      out += "\r\n";
      column = 0;
    }
    while (column + piece.size() > longest_line) {
      const auto cut = cut_point(piece, longest_line - column);
      out += piece.substr(0, cut);
      out += "\r\n ";
      piece.remove_prefix(cut);
      column = 1;
    }
    out += piece;
    column += piece.size();
  }
  out += "\r\n";
}

}  // namespace

std::string make_field(std::string_view name, std::string_view value) {
  std::string first;
  for (const char c : name.substr(0, longest_name)) first += is_name_character(c) ? c : '-';
  first += ":";

  const auto lines = wanted_lines(value);
  if (lines.empty()) return first + "\r\n";
  if (!is_blank(lines.front().front())) first += ' ';
  std::string out;
  append_folded(out, first + lines.front(), true);
  for (std::size_t i = 1; i < lines.size(); ++i) append_folded(out, lines[i], false);
  return out;
}

}  // namespace postern
