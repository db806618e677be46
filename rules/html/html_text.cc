#include "rules/html/html_text.h"

#include <algorithm>
#include <array>
#include <bitset>
#include <unordered_map>

#include "gateway/base/bytes.h"
#include "rules/html/attributes.h"
#include "rules/html/elements.h"
#include "rules/html/entities.h"
#include "rules/html/image_area.h"
#include "rules/html/links.h"
#include "rules/html/obfuscation.h"
#include "rules/html/perl_characters.h"
#include "rules/html/rendered_text.h"
#include "rules/html/source.h"
#include "rules/html/text_style.h"
#include "rules/html/tokenizer.h"

namespace postern {

/// How often each tag is open.
class TagCounts {
 public:
  bool seen(std::size_t element, std::string_view name) const {
    return element < html_element_count ? seen_[element] : others_.contains(std::string(name));
  }
  int& of(std::size_t element, std::string_view name) {
    if (element == html_element_count) return others_[std::string(name)];
    seen_.set(element);
    return counts_[element];
  }
  int of(std::size_t element) const { return counts_[element]; }

  std::vector<std::pair<std::string, int>> all() const {
    std::vector<std::pair<std::string, int>> list(others_.begin(), others_.end());
    for (std::size_t i = 0; i < html_element_count; ++i) {
      if (seen_[i]) list.emplace_back(html_elements[i].name, counts_[i]);
    }
    std::ranges::sort(list);
    return list;
  }

 private:
  std::array<int, html_element_count> counts_{};
  std::bitset<html_element_count> seen_;
  std::unordered_map<std::string, int> others_;
};

namespace {

constexpr std::size_t element_a = find_html_element("a");
constexpr std::size_t element_form = find_html_element("form");
constexpr std::size_t element_font = find_html_element("font");
constexpr std::size_t element_img = find_html_element("img");
constexpr std::size_t element_embed = find_html_element("embed");
constexpr std::size_t element_object = find_html_element("object");
constexpr std::size_t element_script = find_html_element("script");
constexpr std::size_t element_style = find_html_element("style");
constexpr std::size_t element_title = find_html_element("title");

/// Whether nothing is left without white space, of which a no-break space misread as ISO 8859-1 is
/// a kind.
bool is_blank_text(std::string_view text) {
  constexpr std::string_view misread_nbsp = "\xC3\x82\xC2\xA0";
  while (!text.empty()) {
    if (is_space(text.front())) {
      text.remove_prefix(1);
    } else if (text.starts_with(misread_nbsp)) {
      text.remove_prefix(misread_nbsp.size());
    } else {
      return false;
    }
  }
  return true;
}

/// Office's "o:p" and "st1:city": known, but without effect.
bool is_namespaced(std::string_view tag) {
  std::size_t name = 0;
  if (tag.starts_with("o:")) {
    name = 2;
  } else if (tag.starts_with("st") && tag.size() > 3 && is_digit(tag[2]) && tag[3] == ':') {
    name = 4;
  }
  auto rest = tag.substr(name);
  if (rest.ends_with('/')) rest.remove_suffix(1);
  if (name == 0 || rest.empty()) return false;
  for (std::size_t at = 0; at < rest.size();) {
    const auto [c, size] = utf8_character(rest, at);
    if (c != '-' && !is_perl_word(c)) return false;
    at += size;
  }
  return true;
}

/// Perl counts white space beyond ASCII, and U+000C, among characters only.
std::size_t count_spaces(std::string_view text, bool unicode) {
  std::size_t count = 0;
  for (std::size_t at = 0; at < text.size();) {
    const auto [c, size] = utf8_character(text, at);
    if (unicode ? is_perl_space(c) : c < 0x80 && c != '\f' && is_space(static_cast<char>(c)))
      ++count;
    at += size;
  }
  return count;
}

}  // namespace

class HtmlReader {
 public:
  HtmlReader(HtmlText& out, std::string_view source, bool unicode)
      : out_(out), unicode_(unicode), source_(prepare_html(source, unicode)) {
    set("html", 1);
    rendered_.reserve(source.size() / 2);
  }

  void run(std::size_t length) {
    HtmlTokenizer tokenizer(source_);
    while (!dead_) {
      const auto token = tokenizer.next();
      if (token.kind == HtmlToken::Kind::finished) break;
      take(token, tokenizer.attributes());
    }
    if (dead_ || tokenizer.ends_ignored()) {
      out_.strings_.clear();
    } else {
      finish(length);
    }
    out_.text = rendered_.text();
    out_.visible_text = rendered_.part(false);
    out_.invisible_text = rendered_.part(true);
  }

 private:
  void take(const HtmlToken& token, const std::vector<HtmlAttribute>& attributes) {
    using Kind = HtmlToken::Kind;
    if (token.kind == Kind::text) {
      text(token);
    } else if (token.kind == Kind::comment) {
      add_string("comment", token.text);
    } else if (token.kind == Kind::declaration) {
      declaration(token.text);
    } else {
      tag(token, Attributes(attributes, unicode_));
    }
  }

  // ---- tags ----

  void tag(const HtmlToken& token, const Attributes& attributes) {
    const bool opens = token.kind == HtmlToken::Kind::start;
    const auto name = to_lower(token.name);
    const auto element = find_html_element(name);
    const bool namespaced = element == html_element_count && is_namespaced(name);
    count(element, name, opens, namespaced);
    if (element == html_element_count) return;

    const auto& what = html_elements[element];
    if (what.has(HtmlElement::styles)) {
      if (!opens) {
        styles_.close(element);
      } else if (!styles_.open(element, attributes)) {
        dead_ = true;
        return;
      }
    }
    if (!what.breaks.empty()) {
      rendered_.add_break(what.breaks);
      last_unicode_ = false;
    }
    if (!opens) return;
    if (what.has(HtmlElement::links)) links_.collect(what.name, attributes);
    look_at(element, attributes);
  }

  void count(std::size_t element, std::string_view name, bool opens, bool namespaced) {
    const bool is_new = !counts_.seen(element, name);
    const bool known = namespaced || (element < html_element_count &&
                                      html_elements[element].has(HtmlElement::known));
    ++tags_;
    elements_ += known ? 1 : 0;
    tags_seen_ += is_new ? 1 : 0;
    elements_seen_ += is_new && known ? 1 : 0;
    int& open = counts_.of(element, name);
    open += opens ? 1 : -1;
    if (open < 0) {
      open = 0;
      ++closed_extra_;
    }
  }

  void look_at(std::size_t element, const Attributes& attributes) {
    if (element == element_a) {
      links_.open_anchor(attributes);
    } else if (element == element_img) {
      if (counts_.of(element_a) > 0) links_.add_anchor_text("<img>\n");
      image_area_ += image_area(attributes);
    } else if (element == element_font) {
      const auto face = attributes.find("face");
      if (face && !is_usual_font_face(*face)) set("font_face_bad", 1);
    } else if (element == element_form) {
      const auto action = attributes.find("action");
      if (action && to_lower(action->text).contains("mailto:")) set("form_action_mailto", 1);
    } else if (element == element_embed || element == element_object) {
      set("embeds", 1);
    } else if (element == element_title) {
      out_.strings_["title"].emplace_back();
    }
  }

  void declaration(std::string_view text) {
    if (!starts_with_ignoring_case(text, "<!doctype")) return;
    ++elements_;
    ++tags_;
    counts_.of(html_element_count, "!doctype") = 0;
  }

  // ---- text ----

  void text(const HtmlToken& token) {
    bool unicode = unicode_;
    decoded_.clear();
    if (token.literal) {
      decoded_ = token.text;
    } else {
      unicode |= append_decoded(token.text, ReferencesIn::text, decoded_);
    }
    if (counts_.of(element_script) > 0) return add_string("script", decoded_);
    if (counts_.of(element_style) > 0) return;
    if (counts_.of(element_a) > 0) links_.add_anchor_text(decoded_);
    if (counts_.of(element_title) > 0) out_.strings_["title"].back() += decoded_;

    const bool invisible = !is_blank_text(decoded_) && !is_seen();
    if (!rendered_.empty()) cuts_.meet(rendered_.last(), last_unicode_, decoded_, unicode);
    rendered_.add_text(decoded_, invisible);
    last_unicode_ = unicode;
    out_.unicode |= unicode;
  }

  bool is_seen() {
    const auto sight = styles_.sight();
    if (sight == TextStyles::Sight::low_contrast) set("font_low_contrast", 1);
    if (sight == TextStyles::Sight::invalid_color) set("font_invalid_color", 1);
    return sight == TextStyles::Sight::visible;
  }

  // ---- results ----

  void add_string(std::string_view name, std::string_view text) {
    auto found = out_.strings_.find(name);
    if (found == out_.strings_.end())
      found = out_.strings_.emplace(name, std::vector<std::string>()).first;
    found->second.emplace_back(text);
  }

  void set(std::string_view name, double value) {
    if (!out_.value(name)) out_.values_.emplace_back(name, value);
  }

  void finish(std::size_t length) {
    set("image_area", image_area_);
    set("length", static_cast<double>(length));
    set("min_size", styles_.smallest());
    set("max_size", styles_.largest());
    const auto share = [](std::size_t part, std::size_t of) {
      return static_cast<double>(part) / static_cast<double>(of);
    };
    if (tags_ > 0) set("closed_extra_ratio", share(closed_extra_, tags_));
    if (elements_ > 0) set("bad_tag_ratio", share(tags_ - elements_, tags_));
    if (elements_seen_ > 0)
      set("non_element_ratio", share(tags_seen_ - elements_seen_, tags_seen_));
    if (tags_ > 0 && cuts_.cuts() > 0) set("obfuscation_ratio", share(cuts_.cuts(), tags_));
    if (cuts_.pairs() > 0) set("backhair_count", static_cast<double>(cuts_.pairs()));
    if (links_.truncated()) set("uri_truncated", 1);

    out_.inside_ = counts_.all();
    out_.uri_truncated = links_.truncated();
    out_.uris = links_.take_uris();
    if (auto anchors = links_.take_anchors(); !anchors.empty())
      out_.strings_["anchor"] = std::move(anchors);
    auto& uris = out_.strings_["uri"];
    for (const auto& uri : out_.uris) uris.push_back(uri.uri);
  }

  HtmlText& out_;
  bool unicode_;
  std::string source_;
  std::string decoded_;
  RenderedText rendered_;
  TextStyles styles_;
  HtmlLinks links_;
  WordCuts cuts_;
  TagCounts counts_;
  bool last_unicode_ = false;
  bool dead_ = false;  // SpamAssassin would not have come out of the last tag
  std::size_t tags_ = 0;
  std::size_t elements_ = 0;
  std::size_t tags_seen_ = 0;
  std::size_t elements_seen_ = 0;
  std::size_t closed_extra_ = 0;
  double image_area_ = 0;
};

HtmlText::HtmlText(std::string_view source, bool source_unicode, std::size_t octets) {
  HtmlReader(*this, source, source_unicode).run(utf8_length(source));
  const auto length = static_cast<double>(utf8_length(text));
  values_.emplace_back("html_length", length);
  values_.emplace_back("non_space_len", length - static_cast<double>(count_spaces(text, unicode)));
  if (octets > 0) {
    const auto whole = static_cast<double>(octets);
    values_.emplace_back("ratio", (whole - length) / whole);
  }
}

std::optional<int> HtmlText::inside(std::string_view tag) const {
  const auto found =
      std::ranges::lower_bound(inside_, tag, {}, &std::pair<std::string, int>::first);
  if (found == inside_.end() || found->first != tag) return std::nullopt;
  return found->second;
}

const std::vector<std::string>* HtmlText::strings(std::string_view name) const {
  const auto found = strings_.find(name);
  return found == strings_.end() ? nullptr : &found->second;
}

std::optional<double> HtmlText::value(std::string_view name) const {
  const auto found = std::ranges::find(values_, name, &std::pair<std::string_view, double>::first);
  if (found == values_.end()) return std::nullopt;
  return found->second;
}

}  // namespace postern
