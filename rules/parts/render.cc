#include "rules/parts/render.h"

#include <algorithm>
#include <array>

#include "gateway/base/bytes.h"
#include "gateway/mail/address.h"
#include "gateway/mail/charset.h"
#include "gateway/mail/mime.h"
#include "gateway/mail/mime_decode.h"
#include "rules/html/html_text.h"
#include "rules/uris/uri.h"

namespace postern {
namespace {

constexpr unsigned deepest_part = 20;
constexpr std::size_t most_parts = 1000;
constexpr std::size_t most_characters = 50'000;  // rendered, of one part
constexpr std::size_t most_raw = 500'000;        // octets, of one part
constexpr std::size_t cut_window = 1024;         // how far back a line end or a blank is looked for
constexpr std::size_t most_in_all = 8 * 1024 * 1024;
// Markup around the text: an HTML part is decoded this far to find its 50,000 characters.
constexpr std::size_t most_markup = 4 * 1024 * 1024;

bool is_html(const MimePart& part) {
  const auto html_name = [](std::string_view name) {
    const auto folded = to_lower(name);
    return folded.ends_with(".htm") || folded.ends_with(".html") || folded.ends_with(".shtm") ||
           folded.ends_with(".shtml");
  };
  return (part.type == "text" && part.subtype == "html") ||
         std::ranges::any_of(part.filenames, html_name);
}

/// Charsets whose text looks like plain ASCII before it is decoded.
bool hides_behind_ascii(std::string_view charset) {
  static constexpr std::array<std::string_view, 5> starts{"iso-2022", "utf-7", "hz-gb", "utf-16",
                                                          "utf-32"};
  return std::ranges::any_of(
      starts, [charset](auto start) { return starts_with_ignoring_case(charset, start); });
}

/// UTF-8 is tried first, whatever is declared; ISO 8859-1 is read as Windows-1252, which is what
/// those who declare it mean.
std::string text_of(std::string octets, std::string_view charset) {
  if (!hides_behind_ascii(charset) && valid_utf8(octets)) return octets;
  const bool western = charset.empty() || equals_ignoring_case(charset, "iso-8859-1") ||
                       equals_ignoring_case(charset, "us-ascii") ||
                       equals_ignoring_case(charset, "latin1") ||
                       equals_ignoring_case(charset, "utf-8");
  return to_utf8(octets, western ? "windows-1252" : charset);
}

std::string with_plain_line_ends(std::string text) {
  std::size_t to = 0;
  for (std::size_t from = 0; from < text.size(); ++from) {
    if (text[from] == '\r' && from + 1 < text.size() && text[from + 1] == '\n') continue;
    text[to++] = text[from];
  }
  text.resize(to);
  return text;
}

/// At most so many characters, cut at a line end or a blank near the limit where there is one.
std::string_view cut(std::string_view text, std::size_t characters) {
  std::size_t at = 0;
  for (std::size_t seen = 0; at < text.size(); ++at) {
    const bool starts_character = (static_cast<unsigned char>(text[at]) & 0xC0) != 0x80;
    if (starts_character && seen++ == characters) break;
  }
  if (at == text.size()) return text;
  const auto good = text.substr(0, at).find_last_of("\n ");
  return text.substr(0, good != std::string_view::npos && at - good <= cut_window ? good + 1 : at);
}

class Renderer {
 public:
  Renderer(std::string_view octets, std::string subject) : octets_(octets) {
    out_.body.push_back(std::move(subject) + '\n');
  }

  Rendering run() {
    const MimeTree tree = parse_mime(octets_, {.depth = deepest_part, .parts = most_parts});
    for (const auto& part : tree.parts) {
      if (part.leaf()) add(part);
    }
    append_paragraphs(text_, out_.body);
    uris_.add_from_text(out_.body.front());
    uris_.add_from_text(text_);
    out_.uris = uris_.take();
    return std::move(out_);
  }

 private:
  void add(const MimePart& part) {
    const bool html = is_html(part);
    const bool plain = part.type == "text" && part.subtype == "plain";
    const bool raw = (part.type == "text" && part.subtype != "calendar") || part.type == "message";
    if (!html && !plain && !raw) return;
    auto decoded =
        with_plain_line_ends(decode_body(part.body.of(octets_), part.encoding, most_markup));
    if (raw && raw_size_ < most_in_all) add_raw(decoded);
    if (html) {
      add_html(text_of(std::move(decoded), part.charset));
    } else if (plain) {
      add_text(text_of(std::move(decoded), part.charset));
    }
  }

  void add_raw(std::string_view decoded) {
    decoded = decoded.substr(0, most_raw);
    raw_size_ += decoded.size();
    append_chunks(decoded, out_.rawbody);
  }

  void add_html(std::string_view markup) {
    const HtmlText html(markup, true, markup.size());
    for (const auto& uri : html.uris) {
      if (!uri.types.empty()) uris_.add_link(uri.uri, {});
    }
    add_text(html.text);
  }

  void add_text(std::string_view text) {
    if (text_.size() >= most_in_all) return;
    text_ += cut(text, most_characters);
    text_ += '\n';
  }

  std::string_view octets_;
  std::string text_;
  std::size_t raw_size_ = 0;
  UriList uris_;
  Rendering out_;
};

}  // namespace

Rendering render(std::string_view octets, std::string subject) {
  return Renderer(octets, std::move(subject)).run();
}

}  // namespace postern
