// html_text.h — the text of an HTML part as Pyzor sees it: Python's html.parser, its pieces of text
// joined by blanks, without what scripts and styles hold.
//
// It is fed once and never closed, so what stands behind an unfinished tag or comment is lost; a
// tag that it cannot read is text. Linear.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace postern {

/// Nothing where html.parser gives up, and Pyzor with it (an unknown marked section).
std::optional<std::u32string> pyzor_html_text(std::u32string_view html);

}  // namespace postern
