// received_auth.h — whether a Received field says that its sender logged in, and by whose account.
#pragma once

#include <string>
#include <string_view>

namespace postern {

/// How the MTA says it ("ESMTPSA", "LOGIN", "Postfix", …), or "". `text` as tidy_received makes it,
/// with "from ". Message/Metadata/Received.pm of SpamAssassin 4.0.1.
std::string authentication_of(std::string_view text);

}  // namespace postern
