#include "rules/html/links.h"

#include <algorithm>
#include <array>
#include <optional>

#include "gateway/base/bytes.h"
#include "rules/html/base_uri.h"
#include "rules/html/link_target.h"
#include "rules/html/perl_characters.h"

namespace postern {
namespace {

constexpr std::size_t longest_uri = 8192;  // characters

enum class LinkIn : std::uint8_t { href, src, action, background, base, refresh };
struct LinkElement {
  std::string_view tag;
  LinkIn where;
};
constexpr std::array<LinkElement, 16> link_elements{{
    {"a", LinkIn::href},
    {"img", LinkIn::src},
    {"td", LinkIn::background},
    {"tr", LinkIn::background},
    {"table", LinkIn::background},
    {"body", LinkIn::background},
    {"link", LinkIn::href},
    {"area", LinkIn::href},
    {"meta", LinkIn::refresh},
    {"script", LinkIn::src},
    {"iframe", LinkIn::src},
    {"frame", LinkIn::src},
    {"embed", LinkIn::src},
    {"bgsound", LinkIn::src},
    {"form", LinkIn::action},
    {"base", LinkIn::base},
}};

// These are addresses of their own kind, and no base turns them into others.
constexpr std::array<std::string_view, 5> schemes_without_base{
    "data:", "mailto:", "file:", "cid:", "tel:"};

/// Broken markup makes one name of two: "title/href". `slash_and_name` is "/href" or "/src".
bool is_glued_to(std::string_view written, std::string_view slash_and_name) {
  const auto name = to_lower(written);
  for (auto at = name.find(slash_and_name, 1); at != std::string::npos;
       at = name.find(slash_and_name, at + 1)) {
    if (is_perl_word(utf8_character(name, utf8_start_before(name, at)).code)) return true;
  }
  return false;
}

/// The attribute as SpamAssassin sees it after it has read those that are written badly.
std::optional<HtmlString> find_even_if_broken(const Attributes& attributes, std::string_view name) {
  const auto with_slash = "/" + std::string(name);
  for (const auto& attribute : attributes.written()) {
    if (attribute.name.contains('/') && is_glued_to(attribute.name, with_slash))
      return attributes.value_of(attribute);
  }
  return attributes.find(name);
}

/// U+FEFF hides names from those who search for them.
void remove_byte_order_marks(HtmlString& text) {
  const std::string_view mark = text.unicode ? "\xEF\xBB\xBF" : "\xC3\xAF\xC2\xBB\xC2\xBF";
  for (auto at = text.text.find(mark); at != std::string::npos; at = text.text.find(mark, at))
    text.text.erase(at, mark.size());
}

bool contains_ignoring_case(std::string_view text, std::string_view word) {
  return to_lower(text).contains(word);
}

/// Where the URI in "5; url=http://…" starts: behind the last "url=" of the first line. Nothing
/// where there is no such word; 0 where it stands in a later line.
std::optional<std::size_t> refresh_target(const HtmlString& content) {
  const auto folded = to_lower(content.text);
  const std::string_view text = folded;
  const auto line_end = std::min(text.find('\n'), text.size());
  std::optional<std::size_t> found;
  for (auto at = text.find("url"); at != std::string_view::npos; at = text.find("url", at + 1)) {
    if (at > 0 && is_perl_word(utf8_character(text, utf8_start_before(text, at)).code)) continue;
    auto rest = text.substr(at + 3);
    rest.remove_prefix(leading_space(rest, content.unicode));
    if (!rest.starts_with('=')) continue;
    rest.remove_prefix(1);
    rest.remove_prefix(leading_space(rest, content.unicode));
    if (at > line_end) return found.value_or(0);
    found = text.size() - rest.size();
  }
  return found;
}

}  // namespace

void HtmlLinks::collect(std::string_view tag, const Attributes& attributes) {
  const auto* element = std::ranges::find(link_elements, tag, &LinkElement::tag);
  if (element == link_elements.end()) return;
  switch (element->where) {
    case LinkIn::href:
      if (auto href = find_even_if_broken(attributes, "href")) {
        remove_byte_order_marks(*href);
        add(element->tag, *href);
      }
      return add_value(element->tag, attributes, "data-saferedirecturl");
    case LinkIn::src:
      if (const auto source = find_even_if_broken(attributes, "src")) add(element->tag, *source);
      return;
    case LinkIn::action:
      return add_value(element->tag, attributes, "action");
    case LinkIn::background:
      return add_value(element->tag, attributes, "background");
    case LinkIn::base:
      if (const auto href = attributes.find("href")) set_base(*href);
      return;
    case LinkIn::refresh:
      return collect_refresh(attributes);
  }
}

void HtmlLinks::add_value(std::string_view tag, const Attributes& attributes,
                          std::string_view name) {
  if (const auto value = attributes.find(name)) add(tag, *value);
}

void HtmlLinks::collect_refresh(const Attributes& attributes) {
  const auto equivalent = attributes.find("http-equiv");
  if (!equivalent || !contains_ignoring_case(equivalent->text, "refresh")) return;
  auto content = attributes.find("content");
  if (!content) return;
  const auto start = refresh_target(*content);
  if (!start) return;
  auto& text = content->text;
  text.erase(0, *start);
  if (const auto semicolon = text.find(';'); semicolon != std::string::npos) {
    const auto space =
        trailing_space(std::string_view(text).substr(0, semicolon), content->unicode);
    const auto line_end = std::min(text.find('\n', semicolon), text.size());
    text.erase(semicolon - space, line_end - semicolon + space);
  }
  add("meta", *content);
}

void HtmlLinks::set_base(const HtmlString& href) {
  if (href.text.empty() || href.text == "0") return;
  const auto uri = trimmed(href);
  add("base", uri);
  if (auto base = base_of_uri(uri.text); !base.empty()) base_ = {std::move(base), uri.unicode};
}

HtmlString HtmlLinks::trimmed(const HtmlString& uri) {
  // A no-break space counts in octets as well.
  constexpr std::string_view nbsp = "\xC2\xA0";
  std::string_view text = uri.text;
  while (true) {
    text.remove_prefix(leading_space(text, uri.unicode));
    if (!text.starts_with(nbsp)) break;
    text.remove_prefix(nbsp.size());
  }
  while (true) {
    text.remove_suffix(trailing_space(text, uri.unicode));
    if (!text.ends_with(nbsp)) break;
    text.remove_suffix(nbsp.size());
  }
  const auto kept = utf8_prefix(text, longest_uri);
  truncated_ |= kept.size() < text.size();
  return {std::string(kept), uri.unicode};
}

HtmlUri& HtmlLinks::entry(std::string_view uri, bool unicode) {
  const auto [at, is_new] = index_.try_emplace(std::string(uri), uris_.size());
  if (is_new) uris_.push_back({.uri = std::string(uri), .unicode = unicode});
  return uris_[at->second];
}

void HtmlLinks::add(std::string_view tag, const HtmlString& written) {
  const auto uri = trimmed(written);
  if (uri.text.empty()) return;
  const bool whole = std::ranges::any_of(schemes_without_base, [&](auto scheme) {
    return starts_with_ignoring_case(uri.text, scheme);
  });
  const auto target = whole ? uri.text : link_target(base_.text, uri.text);
  if (target.empty()) return;
  auto& types = entry(target, uri.unicode || base_.unicode).types;
  if (std::ranges::find(types, tag) == types.end()) types.push_back(tag);
}

void HtmlLinks::open_anchor(const Attributes& attributes) {
  auto href = find_even_if_broken(attributes, "href").value_or(HtmlString{});
  remove_byte_order_marks(href);
  const auto uri = trimmed(href);
  auto& anchor = entry(uri.text, uri.unicode);
  anchor.anchor_text.emplace_back();
  anchor_uri_ = static_cast<std::size_t>(&anchor - uris_.data());
  anchors_.emplace_back();
}

void HtmlLinks::add_anchor_text(std::string_view text) {
  uris_[anchor_uri_].anchor_text.back() += text;
  anchors_.back() += text;
}

}  // namespace postern
