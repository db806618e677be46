// received_text.h — a Received field's text before and after its format is known: tidying it,
// words that most formats have, and what a relay's values look like at last.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "rules/headers/received_formats.h"

namespace postern {

/// White space squeezed, the date at the end gone. Nothing for what says of itself that it is no
/// handover over a network: not "from …", or with neither address nor protocol.
std::optional<std::string> tidy_received(std::string_view value);

/// Words wherever they stand, "" where they do not: "id X", "helo=X" or "HELO X", "by X".
std::string_view id_in(std::string_view text);
std::string_view helo_in(std::string_view text);
std::string_view receiver_in(std::string_view text);
/// "envelope-from X", "envelope-sender X", "return-path: X".
std::optional<std::string> sender_in(std::string_view text);

/// Without angle brackets and white space around it; what could break rules' syntax becomes '!'.
std::optional<std::string> tidy_sender(const std::optional<std::string>& sender);

/// The last touch: unknown names emptied, addresses in plain form, '!' for what does not belong
/// into a name.
void tidy_relay(ReceivedDraft& draft);

}  // namespace postern
