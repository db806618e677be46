// source.h — what HTML.pm changes in a part before it parses it.
#pragma once

#include <string>
#include <string_view>

namespace postern {

/// "&nbsp;" becomes a blank, "<br/>" becomes "<br>", and typographic double quotes become plain
/// ones, since they stand around attributes. `unicode`: see html_text.h.
std::string prepare_html(std::string_view source, bool unicode);

}  // namespace postern
