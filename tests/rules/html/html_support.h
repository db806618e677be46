// html_support.h — short ways to render a few octets of HTML.
#pragma once

#include <string>
#include <string_view>

#include "rules/html/html_text.h"

namespace postern {

/// As a part in UTF-8.
inline HtmlText html_of(std::string_view source) { return {source, true, source.size()}; }

/// "[type,type:uri]" of each URI that an element gave, in order.
inline std::string links_of(std::string_view source) {
  std::string out;
  for (const auto& uri : html_of(source).uris) {
    if (uri.types.empty()) continue;
    std::string types;
    for (const auto type : uri.types) (types += types.empty() ? "" : ",") += type;
    out += "[" + types + ":" + uri.uri + "]";
  }
  return out;
}

}  // namespace postern
