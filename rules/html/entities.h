// entities.h — character references of HTML (&amp; &#65; &#x41;) to UTF-8.
//
// As HTML::Parser has it: the names of HTML 4; the semicolon may be missing behind those of
// ISO 8859-1 and of ASCII; surrogates are joined, and what is no character becomes U+FFFD.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace postern {

/// Where references occur: in text "&ampx" is "&x"; in attributes it is no reference, since there
/// it is most often a parameter of a URI.
enum class ReferencesIn : std::uint8_t { text, attribute };

/// Appends `text` with all references decoded; true if one stood for a character above U+00FF.
bool append_decoded(std::string_view text, ReferencesIn where, std::string& out);

}  // namespace postern
