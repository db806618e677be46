// html_fuzz.cc — any octets are read as HTML: within all limits, what is seen and what is not make
// the whole, counts agree with each other, and links lead where a browser would go, or nowhere.
#include <set>
#include <string>

#include "gateway/mail/address.h"
#include "rules/html/css.h"
#include "rules/html/entities.h"
#include "rules/html/html_text.h"
#include "rules/html/link_target.h"
#include "tests/fuzz/fuzz.h"

using namespace postern;

namespace {

void check_texts(const HtmlText& html, std::string_view source) {
  require(html.visible_text.size() + html.invisible_text.size() == html.text.size(),
          "text is seen or not seen");
  require(html.text.size() <= 2 * source.size() + 16, "text is no longer than its source allows");
  require(!valid_utf8(source) || valid_utf8(html.text), "text stays UTF-8");
}

void check_uris(const HtmlText& html) {
  std::set<std::string> distinct;
  for (const auto& uri : html.uris) {
    require(!uri.types.empty() || !uri.anchor_text.empty(), "a URI comes from somewhere");
    require(uri.types.empty() || !uri.uri.empty(), "no element has an empty URI");
    require(uri.uri.size() <= 4 * 8192 + 16, "the length of a URI");
    require(distinct.insert(uri.uri).second, "each URI is listed once");
  }
}

void check_counts(const HtmlText& html) {
  for (const auto& [tag, open] : html.tags()) {
    require(open >= 0, "no tag is closed more often than it was opened");
    require(html.inside(tag) == open, "tags are found by name");
  }
  for (const auto* const ratio : {"bad_tag_ratio", "non_element_ratio", "closed_extra_ratio"}) {
    const double value = html.value(ratio).value_or(0);
    require(value >= 0 && value <= 1, "ratios lie between 0 and 1");
  }
  require(html.value("non_space_len").value() <= html.value("html_length").value(),
          "lengths agree");
}

/// The first line is a base, the second a link, the third a style.
void check_lines(std::string_view input) {
  const auto first = input.substr(0, input.find('\n'));
  input.remove_prefix(std::min(first.size() + 1, input.size()));
  const auto second = input.substr(0, input.find('\n'));
  const auto target = link_target(first, second);
  require(target.size() <= first.size() + second.size() + 16, "a target is made of its parts");
  css_bottom_layer(second);
  css_rgb(second);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  const auto input = as_text(octets, size);
  for (const bool unicode : {false, true}) {
    // Octets of a charset come as characters; plain ASCII and broken text do not.
    if (unicode && !valid_utf8(input)) continue;
    const HtmlText html(input, unicode, input.size());
    check_texts(html, input);
    check_uris(html);
    check_counts(html);
  }
  check_lines(input);
  return 0;
}
