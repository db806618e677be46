#include "rules/evals/mime_facts.h"

#include <algorithm>
#include <array>
#include <ranges>

#include "gateway/base/bytes.h"
#include "rules/parts/content_type.h"
#include "rules/text/lines.h"

namespace postern {
namespace {

// RFC 5322 §2.1.1 allows 78 characters, and the line end is counted. RFC 2045 §6.7 allows but 76,
// which too many good senders pass.
constexpr std::size_t longest_encoded_line = 79;

bool contains(std::string_view text, std::string_view piece) {
  return text.find(piece) != std::string_view::npos;
}

bool names_ascii(std::string_view charset) {
  static constexpr std::array<std::string_view, 8> names{
      "us",     "ascii", "ansi_x3.4-1968", "ansi_x3.4-1986", "iso-ir-6", "iso_646.irv:1991",
      "ibm367", "cp367"};
  return std::ranges::any_of(names, [=](auto name) { return contains(charset, name); });
}

bool is_word(char c) { return is_alpha(c) || is_digit(c) || c == '_'; }

/// "iso-", something, "-", and a letter or digit somewhere behind it.
bool looks_like_iso(std::string_view charset) {
  for (auto at = charset.find("iso-"); at != std::string_view::npos;
       at = charset.find("iso-", at + 1)) {
    const auto rest = charset.substr(at + 4);
    const auto end = std::ranges::find_if(rest, is_space);
    const auto run = rest.substr(0, static_cast<std::size_t>(end - rest.begin()));
    const auto dash = run.find('-', 1);
    if (dash != std::string_view::npos && std::ranges::any_of(run.substr(dash + 1), is_word))
      return true;
  }
  return false;
}

/// ISO 8859-n and the two ISO 2022 charsets that mail uses.
bool is_known_iso(std::string_view charset) {
  const auto ends = [](std::string_view rest, std::size_t size) {
    return size > 0 && (size == rest.size() || !is_word(rest[size]));
  };
  for (auto at = charset.find("iso-"); at != std::string_view::npos;
       at = charset.find("iso-", at + 1)) {
    auto rest = charset.substr(at + 4);
    if (rest.starts_with("2022-jp") || rest.starts_with("2022-kr")) {
      if (ends(rest, 7)) return true;
    } else if (rest.starts_with("8859-")) {
      rest.remove_prefix(5);
      const auto digits = std::min<std::size_t>(rest.find_first_not_of("0123456789"), rest.size());
      if (digits <= 2 && ends(rest, digits)) return true;
    }
  }
  return false;
}

bool is_upper_hex(char c) { return is_digit(c) || (c >= 'A' && c <= 'F'); }

/// Two digits that stand for a printable character or a tab, which need no encoding.
bool is_needless(char high, char low) {
  switch (high) {
    case '0':
      return low == '9';
    case '3':
      return is_digit(low) || low == 'A' || low == 'B' || low == 'C' || low == 'E' || low == 'F';
    case '2':
    case '4':
    case '5':
    case '6':
      return is_upper_hex(low);
    case '7':
      return is_upper_hex(low) && low != 'F';
    default:
      return false;
  }
}

/// Encoded blanks and tabs before the end of a line: those are needed there.
std::size_t trailing_blanks(std::string_view line) {
  while (!line.empty() && is_space(line.back())) line.remove_suffix(1);
  std::size_t count = 0;
  for (; line.ends_with("=20") || line.ends_with("=09"); ++count) line.remove_suffix(3);
  return count;
}

bool is_illegal_in_ascii(char c) {
  return c == '\0' || c == '\r' || static_cast<unsigned char>(c) > 0x7f;
}

}  // namespace

std::optional<std::string> charset_in(std::string_view type) {
  constexpr std::string_view word = "charset=";
  const auto find = [&](char quote) -> std::optional<std::string> {
    for (std::size_t at = 0; at + word.size() < type.size(); ++at) {
      if (!starts_with_ignoring_case(type.substr(at), word)) continue;
      auto value = type.substr(at + word.size());
      if (quote == 0) {
        const auto end = std::ranges::find_if(value, is_space);
        value = value.substr(0, static_cast<std::size_t>(end - value.begin()));
        if (!value.empty()) return std::string(value);
      } else if (value.front() == quote) {
        const auto end = value.find(quote, 1);
        if (end != std::string_view::npos && end > 1) return std::string(value.substr(1, end - 1));
      }
    }
    return {};
  };
  for (const char quote : {'"', '\'', '\0'}) {
    if (auto found = find(quote)) return found;
  }
  return {};
}

MimeFacts::MimeFacts(ScannedMessage& message) {
  const Locales locales(message.settings().lists.ok_locales);
  std::vector<Size> sizes;
  for (const auto& part : message.parts().all()) {
    if (part.type.empty()) continue;
    const auto declared = declared_by(part);
    note_declared(declared, locales);
    if (!part.is_leaf) continue;
    const bool attachment = declared.is_attachment();
    auto& size = sizes.emplace_back(Size{declared.type, {}});
    if (!attachment) size.octets = 0;
    const bool text = declared.type == "text/plain" || declared.type == "text/html";
    if (multipart_alternative && !attachment && text) size.octets = part.raw.size();
    note_text(declared, part.raw);
  }
  if (quoted_printable_octets > 0) {
    quoted_printable_ratio = quoted_printable_count / quoted_printable_octets;
  } else {
    quoted_printable_count = double(quoted_printable_parts_);
  }
  if (plain_octets_ > 0) unicode_ratio = references_ / plain_octets_;
  if (multipart_alternative) note_ratio(sizes);
}

/// SpamAssassin parses the field again, with its line end: what is empty has no charset then.
MimeFacts::Declared MimeFacts::declared_by(const Part& part) {
  auto field = part.field("content-type");
  if (field && field->empty()) field = " ";
  auto type = parse_content_type(field);
  Declared out;
  out.type = std::move(type.type);
  if (type.charset) out.charset = to_lower(*type.charset);
  out.encoding = to_lower(part.field("content-transfer-encoding").value_or(""));
  out.disposition = to_lower(part.field("content-disposition").value_or(""));
  return out;
}

void MimeFacts::note_declared(const Declared& declared, const Locales& locales) {
  if (declared.type == "multipart/alternative") multipart_alternative = true;
  const bool text = declared.type.starts_with("text");
  if (declared.type == "text/html") {
    ++html_parts;
  } else if (text) {
    ++other_text_parts;
  }
  const bool base64 = contains(declared.encoding, "base64");
  if (base64) {
    ++base64_parts;
  } else if (contains(declared.encoding, "quoted-printable")) {
    ++quoted_printable_parts_;
  }
  if (declared.is_attachment()) ++attachments;

  const std::string_view charset = declared.charset ? std::string_view(*declared.charset) : "";
  const bool placed =
      declared.disposition.starts_with("attachment") || declared.disposition.starts_with("inline");
  if (text && base64 && !placed && (charset.empty() || names_ascii(charset)))
    base64_encoded_text = true;
  if (looks_like_iso(charset) && !is_known_iso(charset)) bad_iso_charset = true;
  note_charset(charset, locales);
}

void MimeFacts::note_charset(std::string_view charset, const Locales& locales) {
  if (std::ranges::none_of(charset, is_alpha)) return;
  for (const auto word : split(charset, ' ')) {
    if (!word.empty()) charsets.emplace_back(word);
  }
  if (!locales.allow_all() && !locales.allow(charset)) faraway_charset = true;
}

void MimeFacts::note_text(const Declared& declared, std::string_view raw) {
  if (declared.encoding == "quoted-printable") {
    for (auto rest = raw; !rest.empty();) note_quoted_printable_line(take_line(rest));
  }
  if (declared.type != "text/plain") return;
  const bool ascii = !declared.charset || *declared.charset == "us-ascii";
  if (ascii && std::ranges::any_of(raw, is_illegal_in_ascii)) illegal_ascii = true;
  const auto& encoding = declared.encoding;
  if (encoding.empty() || encoding == "7bit" || encoding == "8bit") note_references(raw);
}

void MimeFacts::note_quoted_printable_line(std::string_view line) {
  if (line.starts_with("SPAM: ")) return;
  if (line.size() > longest_encoded_line) quoted_printable_long_line = true;
  quoted_printable_octets += double(line.size());
  std::size_t needless = 0;
  for (auto at = line.find('='); at != std::string_view::npos; at = line.find('=', at)) {
    const bool hit = at + 2 < line.size() && is_needless(line[at + 1], line[at + 2]);
    needless += hit;
    at += hit ? 3 : 1;
  }
  if (needless > 0) quoted_printable_count += double(needless) - double(trailing_blanks(line));
}

/// "&#x" and exactly four digits in capitals: such a text was meant to be seen as HTML.
void MimeFacts::note_references(std::string_view raw) {
  constexpr std::string_view start = "&#x";
  constexpr std::size_t size = 8;
  std::size_t count = 0;
  for (auto at = raw.find(start); at != std::string_view::npos;) {
    const auto whole = raw.substr(at, size);
    const bool hit = whole.size() == size && whole.back() == ';' &&
                     std::ranges::all_of(whole.substr(3, 4), is_upper_hex);
    count += hit;
    at = raw.find(start, at + (hit ? size : 1));
  }
  references_ += double(count);
  plain_octets_ += double(raw.size() - count * size);
}

void MimeFacts::note_ratio(const std::vector<Size>& sizes) {
  std::optional<std::size_t> text;
  std::optional<std::size_t> html;
  for (const auto& size : std::views::reverse(sizes)) {
    if (!size.octets) continue;
    if (!html && size.type == "text/html") {
      html = size.octets;
    } else if (!text && size.type == "text/plain") {
      text = size.octets;
    }
  }
  if (text && html && *html > 0) multipart_ratio = double(*text) / double(*html);
}

}  // namespace postern
