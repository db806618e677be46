// charset_decision.h — octets of a declared charset in UTF-8, as SpamAssassin 4.0.1 decides
// (Message/Node.pm, _normalize, without Encode::Detect).
//
// Declarations lie, so text is tried as UTF-8 first, then by its declaration with nothing left
// over, and whatever remains is Windows-1252, in which every octet means something. An encoded
// word of a header is believed instead. gateway/mail/charset.h converts for readers and has other
// habits. Linear.
#pragma once

#include <string>
#include <string_view>

namespace postern {

/// A body's text, or a header field with 8-bit octets in it. `declared` in any case.
std::string text_as_utf8(std::string_view octets, std::string_view declared);

/// What an encoded word holds. Of UTF-16 whose byte order is plain the octets come back unchanged,
/// as they do there.
std::string word_as_utf8(std::string_view octets, std::string_view declared);

}  // namespace postern
