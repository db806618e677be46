// elements.h — the elements of HTML that SpamAssassin tells from made-up ones, and what each does.
//
// All of it is there at compile time, so that an element in code is a number.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace postern {

struct HtmlElement {
  enum Trait : std::uint8_t {
    known = 1,   // an element of HTML 4 or one that mail programs use
    styles = 2,  // changes how text looks
    links = 4,   // may have URIs
  };
  std::string_view name;
  std::uint8_t traits;
  std::string_view breaks{};  // white space that its tags put into the text

  constexpr bool has(Trait trait) const { return (traits & trait) != 0; }
};

namespace html_element_table {
constexpr auto known = HtmlElement::known;
constexpr auto styles = HtmlElement::styles;
constexpr auto links = HtmlElement::links;

inline constexpr std::array<HtmlElement, 99> elements{{
    {"a", known | styles | links},
    {"abbr", known},
    {"acronym", known},
    {"address", known},
    {"applet", known},
    {"area", known | links},
    {"b", known},
    {"base", known | links},
    {"basefont", known | styles},
    {"bdo", known},
    {"bgsound", links},
    {"big", known | styles},
    {"blockquote", known, "\n\n"},
    {"body", known | styles | links},
    {"br", known, "\n"},
    {"button", known},
    {"caption", known},
    {"center", known},
    {"cite", known},
    {"code", known},
    {"col", known},
    {"colgroup", known},
    {"dd", known, " "},
    {"del", known},
    {"dfn", known},
    {"dir", known},
    {"div", known | styles, "\n"},
    {"dl", known},
    {"dt", known, " "},
    {"em", known},
    {"embed", links, " "},
    {"fieldset", known},
    {"font", known | styles},
    {"form", known | links},
    {"frame", known | links},
    {"frameset", known},
    {"h1", known, " "},
    {"h2", known, " "},
    {"h3", known, " "},
    {"h4", known, " "},
    {"h5", known, " "},
    {"h6", known, " "},
    {"head", known},
    {"hr", known, "\n\n"},
    {"html", known},
    {"i", known},
    {"iframe", known | links},
    {"img", known | links},
    {"input", known},
    {"ins", known},
    {"isindex", known},
    {"kbd", known},
    {"label", known},
    {"legend", known},
    {"li", known, " "},
    {"link", known | links},
    {"listing", 0, "\n\n"},
    {"map", known},
    {"menu", known},
    {"meta", known | links},
    {"nobr", known},
    {"noframes", known},
    {"noscript", known},
    {"object", known},
    {"ol", known},
    {"optgroup", known},
    {"option", known},
    {"p", known | styles, "\n\n"},
    {"param", known},
    {"plaintext", 0, "\n\n"},
    {"pre", known, "\n\n"},
    {"q", known},
    {"s", known},
    {"samp", known},
    {"script", known | links},
    {"select", known},
    {"small", known | styles},
    {"span", known | styles},
    {"strike", known},
    {"strong", known},
    {"style", known},
    {"sub", known},
    {"sup", known},
    {"table", known | styles | links},
    {"tbody", known},
    {"td", known | styles | links, " "},
    {"textarea", known},
    {"tfoot", known},
    {"th", known | styles, " "},
    {"thead", known},
    {"title", known, "\n\n"},
    {"tr", known | styles | links},
    {"tt", known},
    {"u", known},
    {"ul", known},
    {"var", known},
    {"x-sigsep", known},
    {"x-tab", known},
    {"xmp", 0, "\n\n"},
}};
static_assert(std::ranges::is_sorted(elements, {}, &HtmlElement::name));

inline constexpr std::size_t longest_name = 10;  // "blockquote"
inline constexpr std::size_t slots = 512;

constexpr std::size_t slot_of(std::string_view name) {
  std::uint32_t hash = 2166136261U;
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
  return (hash ^ hash >> 15) % slots;
}

/// Open addressing; 0 is an empty slot, else index + 1.
inline constexpr auto slot_table = [] {
  std::array<std::uint8_t, slots> table{};
  for (std::size_t i = 0; i < elements.size(); ++i) {
    std::size_t slot = slot_of(elements[i].name);
    while (table[slot] != 0) slot = (slot + 1) % slots;
    table[slot] = static_cast<std::uint8_t>(i + 1);
  }
  return table;
}();

}  // namespace html_element_table

inline constexpr const auto& html_elements = html_element_table::elements;
inline constexpr std::size_t html_element_count = html_elements.size();

/// Index into html_elements; html_element_count for names that are not there. Lower case.
constexpr std::size_t find_html_element(std::string_view name) {
  using namespace html_element_table;
  if (name.size() > longest_name) return html_element_count;
  for (std::size_t slot = slot_of(name); slot_table[slot] != 0; slot = (slot + 1) % slots) {
    const std::size_t index = slot_table[slot] - 1U;
    if (elements[index].name == name) return index;
  }
  return html_element_count;
}

}  // namespace postern
