#include "rules/parts/header_section.h"

#include <algorithm>

#include "gateway/base/bytes.h"
#include "rules/text/lines.h"

namespace postern {
namespace {

constexpr std::size_t longest_name = 256;
constexpr std::size_t longest_value = 8192;
constexpr unsigned forgiven_lines = 3;

/// "From", white space, and no ':' behind it, which would be an obsolete field.
bool is_mbox_line(std::string_view line) {
  if (!line.starts_with("From") || line.size() < 5 || !is_space(line[4])) return false;
  if (line.size() > 5 && is_space(line[5])) return true;
  return line.size() == 5 || line[5] != ':';
}

/// " 1-Jan-2024 00:00:00 +0000,123;000000000000-00000000": UW IMAP's mbx format.
bool is_mbx_line(std::string_view line) {
  constexpr std::string_view shape = "_d-aaa-dddd_dd:dd:dd";
  if (line.size() < shape.size()) return false;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    const char c = line[i];
    const bool fits = shape[i] == 'd'   ? is_digit(c)
                      : shape[i] == 'a' ? is_alpha(c)
                      : shape[i] == '_' ? is_space(c) || (i == 0 && is_digit(c))
                                        : c == shape[i];
    if (!fits) return false;
  }
  while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.remove_suffix(1);
  constexpr std::size_t flags = 21;  // ";", 12 digits, "-", 8 digits less the ";" itself
  if (line.size() < shape.size() + flags + 2) return false;
  const auto semicolon = line.size() - flags - 1;
  if (line[semicolon] != ';' || line[semicolon + 13] != '-') return false;
  const auto comma = line.find_last_not_of("0123456789", semicolon - 1);
  return comma != std::string_view::npos && comma >= shape.size() && comma + 1 < semicolon &&
         line[comma] == ',';
}

bool has_crlf(std::string_view line) { return line.ends_with("\r\n"); }

/// The last line of `text`, its end included.
std::string_view last_line(std::string_view text) {
  if (text.empty()) return text;
  const auto before = text.substr(0, text.size() - 1).rfind('\n');
  return before == std::string_view::npos ? text : text.substr(before + 1);
}

/// In a message of CRLF line ends a bare LF is taken for one, since milters break folded fields.
std::string_view text_of(std::string_view line, bool crlf) {
  if (!line.ends_with('\n')) return line;
  line.remove_suffix(1);
  if (crlf && line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

/// Sets size and missing_separator.
void find_end(std::string_view octets, HeaderSection& out) {
  unsigned bad_lines = 0;
  for (auto rest = octets; !rest.empty();) {
    const auto line = first_line(rest);
    const auto text = text_of(line, out.crlf);
    const bool continued = is_blank(line.front());
    if (!continued && text.empty() && line.ends_with('\n')) {
      out.size += line.size();
      return;
    }
    const bool is_boundary = line.starts_with("--");
    if (is_boundary || (!continued && !is_field_start(line) && ++bad_lines > forgiven_lines)) {
      out.missing_separator = true;
      return;
    }
    out.size += line.size();
    rest.remove_prefix(line.size());
  }
  out.missing_separator = true;
}

std::string with_lf(std::string_view header) {
  std::string out;
  out.reserve(header.size());
  while (!header.empty()) {
    const auto line = take_line(header);
    out += text_of(line, true);
    if (line.ends_with('\n')) out += '\n';
  }
  return out;
}

/// A field ends where a line starts that is no continuation, whatever the line is: what has a
/// colon is kept.
void add_field(std::string_view whole, HeaderSection& out) {
  const auto colon = whole.find(':');
  if (colon == std::string_view::npos) return;
  auto name = whole.substr(0, colon);
  while (!name.empty() && is_blank(name.back())) name.remove_suffix(1);
  const auto value = whole.substr(colon + 1);
  out.truncated = out.truncated || name.size() > longest_name || value.size() > longest_value;
  out.fields.push_back({name.substr(0, longest_name), value.substr(0, longest_value), whole});
}

}  // namespace

std::string_view without_mbox_line(std::string_view octets) {
  const auto line = first_line(octets);
  return is_mbox_line(line) || is_mbx_line(line) ? octets.substr(line.size()) : octets;
}

HeaderSection read_header_section(std::string_view octets, std::string& copy) {
  HeaderSection out;
  out.crlf = has_crlf(first_line(octets)) || has_crlf(last_line(octets));
  find_end(octets, out);
  auto header = octets.substr(0, out.size);
  if (out.crlf) {
    copy = with_lf(header);
    header = copy;
  }
  for (std::size_t start = 0; start < header.size();) {
    auto end = start;
    do {
      end += first_line(header.substr(end)).size();
    } while (end < header.size() && is_blank(header[end]));
    const auto whole = header.substr(start, end - start);
    if (whole != "\n") add_field(whole, out);
    start = end;
  }
  return out;
}

}  // namespace postern
