// content_type.h — what SpamAssassin takes out of a Content-Type field (Util.pm,
// parse_content_type) and a file name out of Content-Disposition (Message.pm, _parse_normal).
//
// It reads what is written the way sloppy senders mean it, not by RFC 2045: parameters are found
// by name anywhere, an opening quote suffices, any unknown text type is plain text. `field` is the
// field's text, unfolded. Linear.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace postern {

struct ContentType {
  std::string type;                    // lower case, "text/plain"; may be empty
  std::string boundary;                // "" where there is none
  std::optional<std::string> charset;  // as written
  std::string name;
  bool missing = false;  // no field, or no type in it: `type` is the default
};

ContentType parse_content_type(std::optional<std::string_view> field);

/// "" where there is none.
std::string disposition_name(std::string_view field);

/// A part with such a name is read as HTML, whatever its type.
bool is_html_name(std::string_view name);

}  // namespace postern
