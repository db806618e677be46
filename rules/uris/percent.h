// percent.h — %41 and its kin in URIs (Util.pm's url_encode of SpamAssassin 4.0.1).
#pragma once

#include <string>
#include <string_view>

namespace postern {

/// Whether there is a '%' with two hex digits behind it.
bool has_percent_encoding(std::string_view uri);

/// With visible ASCII decoded once (%21 to %7E), other encodings as they are, and blanks, controls,
/// octets over 0x7E, '"', '<', '>' and a '%' that encodes nothing encoded in lower case.
/// `as_characters`: `uri` is UTF-8 and its characters count: U+0080 to U+00FF are encoded as one
/// octet each (%e9), those over them stay as they are.
std::string with_plain_encoding(std::string_view uri, bool as_characters);

}  // namespace postern
