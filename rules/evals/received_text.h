// received_text.h — all Received fields in one line, as several functions search them.
#pragma once

#include <string>
#include <string_view>

#include "rules/message/scanned_message.h"

namespace postern {

/// Every run of white space becomes one blank.
std::string squeezed(std::string_view text);

/// A memo of one message.
struct ReceivedText {
  explicit ReceivedText(ScannedMessage& message);
  std::string text;
};

}  // namespace postern
