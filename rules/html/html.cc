#include "rules/html/html.h"

#include <algorithm>
#include <array>

#include "gateway/base/bytes.h"
#include "rules/html/entities.h"

namespace postern {
namespace {

constexpr std::size_t most_links = 8192;
constexpr std::size_t longest_link = 8192;
constexpr std::size_t most_attributes = 256;
constexpr std::size_t longest_name = 32;  // longer tag and attribute names are none that we know

struct Break {
  std::string_view tag;
  std::string_view text;
};
constexpr std::array<Break, 22> breaks{{
    {"br", "\n"},
    {"div", "\n"},
    {"li", " "},
    {"th", " "},
    {"td", " "},
    {"dt", " "},
    {"dd", " "},
    {"embed", " "},
    {"h1", " "},
    {"h2", " "},
    {"h3", " "},
    {"h4", " "},
    {"h5", " "},
    {"h6", " "},
    {"p", "\n\n"},
    {"hr", "\n\n"},
    {"blockquote", "\n\n"},
    {"pre", "\n\n"},
    {"listing", "\n\n"},
    {"plaintext", "\n\n"},
    {"xmp", "\n\n"},
    {"title", "\n\n"},
}};

struct LinkAttribute {
  std::string_view tag;
  std::string_view attribute;
};
constexpr std::array<LinkAttribute, 18> link_attributes{{
    {"a", "href"},
    {"a", "data-saferedirecturl"},
    {"area", "href"},
    {"link", "href"},
    {"img", "src"},
    {"frame", "src"},
    {"iframe", "src"},
    {"embed", "src"},
    {"script", "src"},
    {"bgsound", "src"},
    {"form", "action"},
    {"body", "background"},
    {"table", "background"},
    {"tr", "background"},
    {"td", "background"},
    {"input", "src"},
    {"video", "src"},
    {"audio", "src"},
}};

struct Attribute {
  std::string name;  // lower case
  std::string_view value;
};

class HtmlReader {
 public:
  explicit HtmlReader(std::string_view html) : html_(html) {}

  HtmlText run() {
    out_.text.reserve(html_.size() / 2);
    while (at_ < html_.size()) {
      if (html_[at_] != '<') {
        text();
      } else if (!markup()) {
        add('<');
        ++at_;
      }
    }
    return std::move(out_);
  }

 private:
  char peek(std::size_t ahead) const {
    return at_ + ahead < html_.size() ? html_[at_ + ahead] : '\0';
  }

  // ---- text ----

  void text() {
    if (html_[at_] == '&') {
      std::string decoded;
      if (const auto length = append_reference(html_.substr(at_), decoded); length > 0) {
        at_ += length;
        for (const char c : decoded) add(c);
        return;
      }
    }
    add(html_[at_++]);
  }

  void add(char c) {
    if (!is_space(c)) {
      out_.text += c;
      after_break_ = false;
    } else if (preformatted_ > 0 && c == '\n') {
      out_.text += '\n';
    } else if (!after_break_ && !out_.text.ends_with(' ')) {
      out_.text += ' ';
    }
  }

  void add_break(std::string_view text) {
    while (out_.text.ends_with(' ')) out_.text.pop_back();
    out_.text += text;
    after_break_ = true;
  }

  // ---- markup ----

  /// Reads what starts with the '<' here; false where it is only a less-than sign.
  bool markup() {
    const char next = peek(1);
    if (next == '!' || next == '?') {
      declaration();
      return true;
    }
    const bool closing = next == '/';
    if (!is_alpha(closing ? peek(2) : next)) return false;
    at_ += closing ? 2 : 1;
    const std::string name = read_name();
    const auto attributes = read_attributes();
    if (closing) {
      end_tag(name);
    } else {
      start_tag(name, attributes);
    }
    return true;
  }

  void declaration() {
    if (html_.substr(at_).starts_with("<!--")) {
      // "<!-->" is an empty comment for readers.
      const auto end = html_.find("-->", at_ + 2);
      at_ = end == std::string_view::npos ? html_.size() : end + 3;
    } else {
      const auto end = html_.find('>', at_);
      at_ = end == std::string_view::npos ? html_.size() : end + 1;
    }
  }

  std::string read_name() {
    std::string name;
    while (at_ < html_.size() && !is_space(html_[at_]) && html_[at_] != '>' && html_[at_] != '/' &&
           html_[at_] != '=') {
      if (name.size() < longest_name) name += lower(html_[at_]);
      ++at_;
    }
    return name;
  }

  /// Up to and over the '>' that ends the tag; without one the tag takes the rest.
  std::vector<Attribute> read_attributes() {
    std::vector<Attribute> attributes;
    while (at_ < html_.size() && html_[at_] != '>') {
      if (is_space(html_[at_]) || html_[at_] == '/' || html_[at_] == '=') {
        ++at_;
        continue;
      }
      Attribute attribute{read_name(), {}};
      skip_spaces();
      if (peek(0) == '=') {
        ++at_;
        skip_spaces();
        attribute.value = read_value();
      }
      if (attributes.size() < most_attributes) attributes.push_back(std::move(attribute));
    }
    if (at_ < html_.size()) ++at_;
    return attributes;
  }

  void skip_spaces() {
    while (at_ < html_.size() && is_space(html_[at_])) ++at_;
  }

  std::string_view read_value() {
    const char quote = peek(0);
    if (quote == '"' || quote == '\'') {
      bool& exhausted = quote == '"' ? no_more_double_ : no_more_single_;
      const auto end = exhausted ? std::string_view::npos : html_.find(quote, at_ + 1);
      exhausted = end == std::string_view::npos;  // asked once only: quotes must not cost a square
      if (!exhausted) {
        const auto value = html_.substr(at_ + 1, end - at_ - 1);
        at_ = end + 1;
        return value;
      }
      ++at_;
    }
    const auto start = at_;
    while (at_ < html_.size() && !is_space(html_[at_]) && html_[at_] != '>') ++at_;
    return html_.substr(start, at_ - start);
  }

  // ---- tags ----

  void start_tag(std::string_view name, const std::vector<Attribute>& attributes) {
    for (const auto& attribute : attributes) collect_link(name, attribute);
    if (name == "meta") collect_refresh(attributes);
    break_at(name);
    if (name == "pre") ++preformatted_;
    if (name == "script" || name == "style") skip_to_end_of(name);
  }

  void end_tag(std::string_view name) {
    break_at(name);
    if (name == "pre" && preformatted_ > 0) --preformatted_;
  }

  void break_at(std::string_view name) {
    const auto found = std::ranges::find(breaks, name, &Break::tag);
    if (found != breaks.end()) add_break(found->text);
  }

  void skip_to_end_of(std::string_view name) {
    while (at_ < html_.size()) {
      const auto end = html_.find("</", at_);
      at_ = end == std::string_view::npos ? html_.size() : end + 2;
      if (!starts_with_ignoring_case(html_.substr(at_), name)) continue;
      const auto close = html_.find('>', at_);
      at_ = close == std::string_view::npos ? html_.size() : close + 1;
      return;
    }
  }

  void add_link(std::string_view value) {
    if (out_.links.size() < most_links)
      out_.links.push_back(decode_references(value.substr(0, longest_link)));
  }

  void collect_link(std::string_view tag, const Attribute& attribute) {
    if (attribute.value.empty()) return;
    if (tag == "base" && attribute.name == "href") {
      if (out_.base.empty()) out_.base = decode_references(attribute.value.substr(0, longest_link));
      return;
    }
    const bool link = std::ranges::any_of(link_attributes, [&](const LinkAttribute& known) {
      return known.tag == tag && known.attribute == attribute.name;
    });
    if (link) add_link(attribute.value);
  }

  /// <meta http-equiv=refresh content="0; url=http://…">
  void collect_refresh(const std::vector<Attribute>& attributes) {
    std::string_view content;
    bool refresh = false;
    for (const auto& attribute : attributes) {
      if (attribute.name == "http-equiv")
        refresh = equals_ignoring_case(attribute.value, "refresh");
      if (attribute.name == "content") content = attribute.value;
    }
    const std::string folded = to_lower(content.substr(0, longest_link));
    const auto at = folded.find("url=");
    if (refresh && at != std::string::npos) add_link(trim(content.substr(at + 4)));
  }

  std::string_view html_;
  std::size_t at_ = 0;
  std::size_t preformatted_ = 0;
  bool after_break_ = true;
  bool no_more_double_ = false;
  bool no_more_single_ = false;
  HtmlText out_;
};

}  // namespace

HtmlText html_to_text(std::string_view html) { return HtmlReader(html).run(); }

}  // namespace postern
