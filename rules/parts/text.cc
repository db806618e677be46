#include "rules/parts/text.h"

#include "rules/parts/white_space.h"
#include "rules/text/lines.h"

namespace postern {
namespace {

constexpr auto npos = std::string_view::npos;
constexpr std::size_t longest_element = 2048;
constexpr std::size_t cut_window = 1024;  // a good place to cut is looked for that far

bool is_character_start(char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }

/// Where the character of that number starts, from `at` on; the end where there are fewer.
std::size_t skip_characters(std::string_view text, std::size_t at, std::size_t count) {
  if (text.size() - at <= count) return text.size();
  for (; at < text.size(); ++at) {
    if (is_character_start(text[at]) && count-- == 0) break;
  }
  return at;
}

/// Cut behind the first of `marks` in their order that stands within the window behind `limit`,
/// else at the limit. `window` is the end of the window.
std::string_view cut(std::string_view text, std::size_t limit, std::size_t window,
                     std::string_view marks) {
  for (const char mark : marks) {
    const auto found = text.substr(0, window + 1).find(mark, limit);
    if (found != npos) return text.substr(0, found + 1);
  }
  return text.substr(0, limit);
}

std::string_view cut_rendered(std::string_view text, std::size_t characters) {
  if (characters == 0) return text;
  const auto limit = skip_characters(text, 0, characters);
  if (limit == text.size()) return text;
  return cut(text, limit, skip_characters(text, limit, cut_window), "\n ");
}

std::string_view cut_raw(std::string_view text, std::size_t octets) {
  if (octets == 0 || text.size() <= octets) return text;
  return cut(text, octets, octets + cut_window, "\n> ");
}

/// An element a line; a line that is too long is split behind a blank where it has one.
std::vector<std::string> elements(std::string_view text) {
  std::vector<std::string> out;
  while (!text.empty()) {
    auto line = take_line(text);
    while (line.size() > longest_element) {
      const auto blank = line.rfind(' ', longest_element);
      const auto size = blank == npos ? longest_element : blank + 1;
      out.emplace_back(line.substr(0, size));
      line.remove_prefix(size);
    }
    if (!line.empty()) out.emplace_back(line);
  }
  return out;
}

/// Of UTF-8 with no character above U+00FF: an octet a character. Where no part is held as
/// characters nothing turns what entities stand for into UTF-8.
std::string as_octets(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto lead = static_cast<unsigned char>(text[at]);
    const bool pair = (lead == 0xC2 || lead == 0xC3) && at + 1 < text.size();
    out += pair ? static_cast<char>((lead & 3U) << 6 | (text[++at] & 0x3F)) : text[at];
  }
  return out;
}

using TextOf = std::string_view (RenderedPart::*)() const;

std::vector<std::string> joined_text(const MessageParts& parts, TextOf text_of, std::string subject,
                                     const TextSettings& settings) {
  if (parts.leaves().empty()) return {};
  std::string text;
  bool unicode = false;
  for (const auto number : parts.leaves()) {
    if (!text.empty()) text += '\n';
    const auto& rendered = parts.all()[number].rendered();
    text += cut_rendered((rendered.*text_of)(), settings.body_part_scan_size);
    unicode |= rendered.unicode;
  }
  if (!unicode) text = as_octets(text);
  return elements(subject + evened_out(text, unicode));
}

/// Pieces of 2 to 4 KiB that end with a line, a tag or a blank where that can be.
void append_pieces(std::string_view text, std::vector<std::string>& out) {
  while (text.size() > 2 * longest_element) {
    std::size_t last = longest_element;
    for (const char mark : {'\n', '>', ' '}) {
      const auto found = text.substr(0, 2 * longest_element).find(mark, longest_element);
      if (found == npos) continue;
      last = found;
      break;
    }
    out.emplace_back(text.substr(0, last + 1));
    text.remove_prefix(last + 1);
  }
  out.emplace_back(text);
}

bool is_raw_text(const Part& part) {
  const auto type = part.effective_type();
  for (const std::string_view kind : {"text", "message"}) {
    const bool ends =
        type.size() == kind.size() ||
        !(is_alpha(type[kind.size()]) || is_digit(type[kind.size()]) || type[kind.size()] == '_');
    if (type.starts_with(kind) && ends) return part.type != "text/calendar";
  }
  return false;
}

}  // namespace

std::vector<std::string> body_text(const MessageParts& parts, std::string_view subject,
                                   const TextSettings& settings) {
  return joined_text(parts, &RenderedPart::text, std::string(subject) + '\n', settings);
}

std::vector<std::string> visible_body_text(const MessageParts& parts, std::string_view subject,
                                           const TextSettings& settings) {
  return joined_text(parts, &RenderedPart::visible_text, std::string(subject) + '\n', settings);
}

std::vector<std::string> invisible_body_text(const MessageParts& parts,
                                             const TextSettings& settings) {
  return joined_text(parts, &RenderedPart::invisible_text, {}, settings);
}

std::vector<std::string> rawbody_text(const MessageParts& parts, const TextSettings& settings) {
  std::vector<std::string> out;
  for (const auto number : parts.leaves()) {
    const auto& part = parts.all()[number];
    if (is_raw_text(part))
      append_pieces(cut_raw(part.decoded(), settings.rawbody_part_scan_size), out);
  }
  return out;
}

}  // namespace postern
