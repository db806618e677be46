// canonical.h — the two forms in which a message is signed: RFC 6376 §3.4.
//
// Octets are as received, with CRLF line ends; a CR or an LF alone is an octet like any other.
// Everything is one pass, and the body is never copied as a whole.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace postern::dkim {

enum class Canon : std::uint8_t { simple, relaxed };

/// Appends one field, its final CRLF included (§3.4.1, §3.4.2). `field` is all of it, as in
/// HeaderField::whole; a missing line end is added.
void append_canonical_field(std::string& out, std::string_view field, Canon canon);

/// Hands the canonical body over in pieces, in order (§3.4.3, §3.4.4).
void canonical_body(std::string_view body, Canon canon,
                    const std::function<void(std::string_view)>& take);

}  // namespace postern::dkim
