#include "rules/html/text_style.h"

#include <algorithm>
#include <charconv>

#include "gateway/base/bytes.h"
#include "rules/html/css.h"
#include "rules/html/perl_characters.h"

namespace postern {
namespace {

constexpr std::string_view digits = "0123456789";

enum class StyleAttribute : std::uint8_t {
  text_color,
  size,
  sheet,
  without_effect,  // but that the size of text is looked at once more
};

struct StyleAttributeName {
  std::string_view name;
  StyleAttribute does;
};
constexpr std::array<StyleAttributeName, 10> attribute_names{{
    {"style", StyleAttribute::sheet},
    {"color", StyleAttribute::text_color},
    {"size", StyleAttribute::size},
    {"face", StyleAttribute::without_effect},
    {"bgcolor", StyleAttribute::without_effect},
    {"text", StyleAttribute::text_color},
    {"background", StyleAttribute::without_effect},
    {"link", StyleAttribute::without_effect},
    {"alink", StyleAttribute::without_effect},
    {"vlink", StyleAttribute::without_effect},
}};

struct StylingElement {
  std::string_view name;
  std::array<std::string_view, 6> attributes;
};
constexpr std::array<StylingElement, 10> styling_elements{{
    {"a", {"style"}},
    {"basefont", {"color", "face", "size"}},
    {"body", {"text", "bgcolor", "link", "alink", "vlink", "background"}},
    {"div", {"style"}},
    {"font", {"color", "face", "size"}},
    {"p", {"style"}},
    {"span", {"style"}},
    {"table", {"bgcolor", "style"}},
    {"td", {"bgcolor", "style"}},
    {"tr", {"bgcolor", "style"}},
}};

/// For each element, which of attribute_names it has, as bits.
constexpr auto attributes_of_element = [] {
  std::array<std::uint16_t, html_element_count> table{};
  for (const auto& element : styling_elements) {
    auto& bits = table[find_html_element(element.name)];
    for (std::size_t i = 0; i < attribute_names.size(); ++i) {
      if (std::ranges::find(element.attributes, attribute_names[i].name) !=
          element.attributes.end())
        bits = static_cast<std::uint16_t>(bits | 1U << i);
    }
  }
  return table;
}();

constexpr std::size_t element_td = find_html_element("td");
constexpr std::size_t element_th = find_html_element("th");
constexpr std::size_t element_tr = find_html_element("tr");
constexpr std::size_t element_font = find_html_element("font");
constexpr std::size_t element_body = find_html_element("body");
constexpr std::size_t element_big = find_html_element("big");
constexpr std::size_t element_small = find_html_element("small");
constexpr std::size_t element_basefont = find_html_element("basefont");

/// The value behind a colon, without white space around it: `\s*(.+?)\s*$` of Perl, which takes one
/// blank for a value where there is nothing else. Nothing where a line ends inside it.
std::optional<std::string_view> value_in(std::string_view text, bool unicode) {
  const auto front = leading_space(text, unicode);
  if (front < text.size()) {
    text.remove_prefix(front);
    text.remove_suffix(trailing_space(text, unicode));
    return text.contains('\n') ? std::nullopt : std::optional(text);
  }
  const auto last = text.find_last_not_of('\n');
  if (last == std::string_view::npos) return std::nullopt;
  return text.substr(last, 1);
}

bool remove_prefix_ignoring_case(std::string_view& text, std::string_view prefix) {
  if (!starts_with_ignoring_case(text, prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

/// Without "! important" at the end.
std::string_view without_importance(std::string_view value, bool unicode) {
  constexpr std::string_view word = "important";
  if (!value.ends_with(word)) return value;
  auto rest = value.substr(0, value.size() - word.size());
  rest.remove_suffix(trailing_space(rest, unicode));
  if (!rest.ends_with('!')) return value;
  rest.remove_suffix(1);
  rest.remove_suffix(trailing_space(rest, unicode));
  return rest;
}

double number_of(std::string_view text) {
  double number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

std::string_view digits_at_start(std::string_view text) {
  return text.substr(0, std::min(text.find_first_not_of(digits), text.size()));
}

std::string_view without_space_in_front(const HtmlString& value) {
  return std::string_view(value.text).substr(leading_space(value.text, value.unicode));
}

}  // namespace

TextStyles::TextStyles() { open_.push_back({.element = html_element_count}); }

bool TextStyles::open(std::size_t element, const Attributes& attributes) {
  if (element == element_th) element = element_td;
  if (element == element_basefont) {
    const auto size = attributes.find("size");
    const auto number = size ? digits_at_start(without_space_in_front(*size)) : std::string_view{};
    if (!number.empty()) {
      base_size_ = number_of(number);
      return true;
    }
  }
  if (element == element_td || element == element_tr) close_cells(element);
  Style style = open_.back();
  style.element = element;
  if (element == element_big) {
    style.size += 1;
  } else if (element == element_small) {
    style.size -= 1;
  } else if (!apply(attributes, style)) {
    return false;
  }
  push(style);
  return true;
}

bool TextStyles::apply(const Attributes& attributes, Style& style) {
  unsigned left = attributes_of_element[style.element];
  for (const auto& written : attributes.written()) {
    const auto* name = std::ranges::find_if(attribute_names, [&](const auto& candidate) {
      return equals_ignoring_case(candidate.name, written.name);
    });
    const auto bit = 1U << (name - attribute_names.begin());
    if (name == attribute_names.end() || (left & bit) == 0) continue;
    left &= ~bit;  // of two with the same name the first counts
    if (name->does == StyleAttribute::text_color) {
      const auto value = attributes.value_of(written);
      style.text = parse_html_color(value.text, value.unicode);
    } else if (name->does == StyleAttribute::size) {
      style.size = size_of(attributes.value_of(written), style.size);
    } else if (name->does == StyleAttribute::sheet) {
      const auto value = attributes.value_of(written);
      if (!apply_sheet(value.text, value.unicode, style)) return false;
    }
    if (style.size > largest_) {
      largest_ = style.size;
    } else if (style.size < smallest_) {
      smallest_ = style.size;
    }
  }
  return true;
}

double TextStyles::size_of(const HtmlString& value, double current) const {
  const auto written = without_space_in_front(value);
  const bool relative = written.starts_with('+') || written.starts_with('-');
  const auto number = digits_at_start(written.substr(relative ? 1 : 0));
  if (number.empty()) return current;
  if (!relative) return number_of(number);
  return base_size_ + (written.front() == '-' ? -number_of(number) : number_of(number));
}

bool TextStyles::apply_sheet(std::string_view sheet, bool unicode, Style& style) const {
  for (const auto declaration : split(sheet, ';')) {
    if (!apply_declaration(declaration, unicode, style)) return false;
  }
  if (style.background_transparent) style.background = open_.back().background;
  if (style.text_transparent) style.text = style.background;
  style.background_transparent = style.text_transparent = false;
  return true;
}

bool TextStyles::apply_declaration(std::string_view declaration, bool unicode, Style& style) const {
  declaration.remove_prefix(leading_space(declaration, unicode));
  auto rest = declaration;
  const bool background = remove_prefix_ignoring_case(rest, "background-");
  if (remove_prefix_ignoring_case(rest, "color:")) {
    if (const auto value = value_in(rest, unicode)) apply_color(*value, unicode, background, style);
    return true;
  }
  constexpr std::string_view shorthand = "background:";
  if (declaration.starts_with(shorthand)) {
    const auto value = value_in(declaration.substr(shorthand.size()), unicode);
    if (!value) return true;
    const auto layer = css_bottom_layer(to_lower(*value));
    if (!layer) return false;
    for (const auto& word : *layer) {
      const auto color = parse_html_color(word, unicode);
      if (color.kind == HtmlColor::Kind::invalid) continue;
      style.background = color;
      style.background_transparent = false;
      break;
    }
    return true;
  }
  const auto colon = declaration.find(':');
  if (colon == std::string_view::npos) return true;
  auto property = declaration.substr(0, colon);
  property.remove_suffix(trailing_space(property, unicode));
  const auto value = value_in(declaration.substr(colon + 1), unicode);
  if (!value) return true;
  if (property == "display") style.not_displayed = equals_ignoring_case(*value, "none");
  if (property == "visibility") style.not_visible = equals_ignoring_case(*value, "hidden");
  return true;
}

void TextStyles::apply_color(std::string_view written, bool unicode, bool background,
                             Style& style) const {
  const auto folded = to_lower(written);
  const auto value = without_importance(folded, unicode);
  if (value == "inherit") return;
  (background ? style.background_transparent : style.text_transparent) = value == "transparent";
  if (value == "transparent") return;
  (background ? style.background : style.text) =
      value.contains("rgb") ? css_rgb(value) : parse_html_color(value, unicode);
}

void TextStyles::close(std::size_t element) {
  if (element == element_th) element = element_td;
  // Readers show what comes behind </body> like the body.
  if (element == element_body || times_open_[element] == 0) return;
  while (open_.back().element != element) pop();
  pop();
}

/// A cell ends where the next begins, and a row with its cells likewise.
void TextStyles::close_cells(std::size_t element) {
  if (times_open_[element] == 0) return;
  const auto closes = [element](std::size_t open) {
    return open == element_font || open == element_td || open == element;
  };
  while (closes(open_.back().element)) pop();
}

void TextStyles::push(const Style& style) {
  ++times_open_[style.element];
  open_.push_back(style);
}

void TextStyles::pop() {
  --times_open_[open_.back().element];
  open_.pop_back();
}

TextStyles::Sight TextStyles::sight() const {
  const auto& style = open_.back();
  using Kind = HtmlColor::Kind;
  if (style.text == style.background) return Sight::low_contrast;
  constexpr double hard_to_read = 12;
  if (style.text.kind == Kind::rgb && style.background.kind == Kind::rgb &&
      distance_of_colors(style.text, style.background) < hard_to_read)
    return Sight::low_contrast;
  if (style.text.kind == Kind::invalid || style.background.kind == Kind::invalid)
    return Sight::invalid_color;
  const bool hidden = style.size <= 1 || style.not_displayed || style.not_visible;
  return hidden ? Sight::hidden : Sight::visible;
}

}  // namespace postern
