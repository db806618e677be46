// mime_decode.h — what MIME's encodings say in plain octets: RFC 2045 §6, RFC 2047, RFC 2231.
//
// All of it is tolerant, because readers are: damage never stops the decoding, it is skipped the
// way most readers skip it. All of it is linear in the input.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace postern {

/// A body in plain octets. `encoding` as in Content-Transfer-Encoding, in lower case; one that is
/// not known means no encoding. At most `limit` octets come out.
std::string decode_body(std::string_view octets, std::string_view encoding,
                        std::size_t limit = static_cast<std::size_t>(-1));

/// Whether base64 holds what the alphabet does not have, data behind its padding, or an incomplete
/// group at the end: two decoders may then read two things.
bool damaged_base64(std::string_view octets);

/// RFC 2047: a field's text with its encoded words decoded, in UTF-8. Neighbours of one charset
/// are joined before they are converted, since senders cut words inside characters.
std::string decode_encoded_words(std::string_view text);

/// RFC 2231 §4: "charset'language'%41…" in UTF-8.
std::string decode_extended_value(std::string_view text);

/// The "%XX" of RFC 2231 alone; what is no such pair stays.
std::string decode_percent(std::string_view text);

}  // namespace postern
