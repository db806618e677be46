// encoded_text.h — a header field's text in UTF-8 as SpamAssassin reads it: Message/Node.pm,
// _decode_header and _normalize.
//
// gateway/mail/mime_decode.h decodes for readers; this one decodes for rules that were written
// against SpamAssassin's answers, with its choice of charsets and its mistakes. Linear.
#pragma once

#include <string>
#include <string_view>

namespace postern {

/// CR LF squeezed out, 8-bit text that is not UTF-8 taken for windows-1252, and encoded words
/// decoded, unless `field` (lower case) is one that never holds any, such as "message-id".
std::string decode_field_text(std::string_view text, std::string_view field);

}  // namespace postern
