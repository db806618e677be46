// text.h — the texts that body and rawbody rules are matched against, element by element.
//
// body: all text parts rendered to UTF-8, white space evened out, an element a paragraph, the
// subject first (get_rendered_body_text_array). rawbody: only the transfer encoding undone, in
// pieces of 2 to 4 KiB (get_decoded_body_text_array).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "rules/parts/message_parts.h"

namespace postern {

/// [0] is the subject, "\n" behind it; always there.
std::vector<std::string> body_text(const MessageParts& parts, std::string_view subject,
                                   const TextSettings& settings);
std::vector<std::string> rawbody_text(const MessageParts& parts, const TextSettings& settings);

}  // namespace postern
