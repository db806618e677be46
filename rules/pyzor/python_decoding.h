// python_decoding.h — from a part's payload to its characters, as Python's email package and codecs
// do it (message.py, get_payload; quopri, binascii; decode() with errors="ignore").
//
// Linear.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace postern {

/// quoted-printable and base64 undone; what has another encoding is handed back as it is.
/// `encoding` in lower case.
std::string python_payload(std::string_view payload, std::string_view encoding);

/// Octets that the charset does not have are left out; those of a charset that Python does not know
/// are read as ASCII. `charset` in lower case, "" for none.
std::u32string python_characters(std::string_view octets, std::string_view charset);

/// UTF-8 to characters; what is no UTF-8 is left out.
std::u32string characters_of(std::string_view utf8);
void append_utf8(char32_t character, std::string& out);

}  // namespace postern
