// text.h — the texts that body and rawbody rules are matched against, element by element.
//
// body: all text parts rendered to UTF-8, white space evened out, an element a paragraph, the
// subject first (Message.pm, get_body_text_array_common). rawbody: only the transfer encoding
// undone, in pieces of 2 to 4 KiB (get_decoded_body_text_array). Linear; of each part no more than
// the scan sizes of TextSettings and 1 KiB.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "rules/parts/message_parts.h"
#include "rules/parts/text_settings.h"

namespace postern {

/// [0] is the subject, "\n" behind it, and elements end with "\n" where a paragraph ends. Empty
/// only for a message that has no part with content at all.
std::vector<std::string> body_text(const MessageParts& parts, std::string_view subject,
                                   const TextSettings& settings);

/// The same of what readers of HTML see.
std::vector<std::string> visible_body_text(const MessageParts& parts, std::string_view subject,
                                           const TextSettings& settings);
/// … and of what is hidden from them; without the subject.
std::vector<std::string> invisible_body_text(const MessageParts& parts,
                                             const TextSettings& settings);

std::vector<std::string> rawbody_text(const MessageParts& parts, const TextSettings& settings);

}  // namespace postern
