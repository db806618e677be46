// entities.h — character references of HTML (&amp; &#65; &#x41;) to UTF-8.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace postern {

void append_utf8(std::string& out, std::uint32_t code);

/// Appends what the reference at the start of `text` means and gives its length; 0 and nothing
/// appended where there is none. The semicolon may be missing, as readers allow.
std::size_t append_reference(std::string_view text, std::string& out);

/// All references of a text decoded.
std::string decode_references(std::string_view text);

}  // namespace postern
