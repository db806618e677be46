// smtp_reply.h — what a server's reply means to a client.
//
// Replies become the outcome of recipients, are logged and travel in bounces: they are cut to a
// sensible length here, and a code that has no place where it came becomes a temporary failure.
#pragma once

#include <string>

#include "gateway/mail/reply.h"

namespace postern {

inline bool succeeded(const Reply& answer) { return answer.code / 100 == 2; }

/// The same reply with at most 1000 octets of text.
Reply bounded(Reply answer);
/// A negative reply as it is; one that is positive where it cannot be (3yz to RCPT) as 451 4.5.0.
Reply failed(Reply answer, const std::string& remote);
/// 5yz as 4yz, the text kept.
Reply softened(Reply answer);

}  // namespace postern
