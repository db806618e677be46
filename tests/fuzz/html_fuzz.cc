// html_fuzz.cc — any octets are read as HTML: within all limits, what is seen and what is not make
// the whole, and counts agree with each other.
#include <string>

#include "gateway/mail/address.h"
#include "rules/html/html_text.h"
#include "tests/fuzz/fuzz.h"

using namespace postern;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  const auto input = as_text(octets, size);
  const HtmlText html(input, valid_utf8(input), input.size());
  require(html.visible_text.size() + html.invisible_text.size() == html.text.size(),
          "text is seen or not seen");
  require(html.text.size() <= 2 * input.size() + 16, "text is no longer than its source allows");
  require(!valid_utf8(input) || valid_utf8(html.text), "text stays UTF-8");
  for (const auto& uri : html.uris) {
    require(!uri.types.empty() || !uri.anchor_text.empty(), "a URI comes from somewhere");
    require(uri.types.empty() || !uri.uri.empty(), "no element has an empty URI");
  }
  for (const auto& [tag, open] : html.tags()) {
    require(open >= 0, "no tag is closed more often than it was opened");
    require(html.inside(tag) == open, "tags are found by name");
  }
  for (const auto* ratio : {"bad_tag_ratio", "non_element_ratio", "closed_extra_ratio"}) {
    const double value = html.value(ratio).value_or(0);
    require(value >= 0 && value <= 1, "ratios lie between 0 and 1");
  }
  require(html.value("non_space_len").value() <= html.value("html_length").value(),
          "lengths agree");
  return 0;
}
