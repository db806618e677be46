// html.h — an HTML part as the text that its reader sees, and the links in it.
//
// One pass, linear, no tree: tags are dropped, block elements give breaks, character references
// are decoded, script and style vanish. Broken markup is read on, never refused.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace postern {

struct HtmlText {
  std::string text;                // UTF-8; "\n\n" parts paragraphs, "\n" lines
  std::vector<std::string> links;  // as written, references decoded; at most 8192
  std::string base;                // <base href>, "" without
};

HtmlText html_to_text(std::string_view html);

}  // namespace postern
