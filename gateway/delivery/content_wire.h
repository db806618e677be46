// content_wire.h — a message's octets on their way into DATA.
//
// The stored form has CRLF line ends only. That is checked again here, at the last moment: a bare
// CR or LF that the next hop reads as a line end would be a second message in its eyes (SMTP
// smuggling), so such octets never leave.
#pragma once

#include <span>
#include <string_view>

#include "gateway/base/result.h"
#include "gateway/net/stream.h"

namespace postern {

struct ContentFacts {
  bool canonical = true;   // each CR is followed by LF, each LF preceded by CR
  bool eight_bit = false;  // an octet above 0x7f: RFC 6152
};

/// One pass over the octets. Pieces of one message are looked at separately: none may end between
/// CR and LF.
ContentFacts examine(std::string_view octets);

/// Whether the header (up to the first empty line) has octets above 0x7f: RFC 6531.
bool has_8bit_header(std::string_view prefix, std::string_view body);

/// Writes the pieces with dots stuffed (RFC 5321 §4.5.2), an ending CRLF where it is missing, and
/// the final dot. Each piece begins at the start of a line. Large stretches without a stuffed line
/// are sent without being copied; small messages leave as one write. Each stretch has `patience`.
/// `dot_sent` is set just before the octets with the final dot are handed to the system: from
/// there on the message may have been received.
Task<Result<>> send_content(Stream& stream, std::span<const std::string_view> pieces,
                            milliseconds patience, bool& dot_sent);

}  // namespace postern
