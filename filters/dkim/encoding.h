// encoding.h — base64 and DKIM's quoted-printable, strictly: what is damaged is no signature.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace postern::dkim {

/// RFC 4648 §4; white space may stand anywhere (RFC 6376 §2.10). Nothing for other octets, for
/// padding in the wrong place, and for an incomplete group.
std::optional<std::string> decode_base64(std::string_view text);

/// RFC 6376 §2.11, for i=: "=40" is "@"; white space is dropped. Nothing for a broken pair.
std::optional<std::string> decode_quoted(std::string_view text);

}  // namespace postern::dkim
