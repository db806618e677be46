// report_message.h — report_safe 1 and 2: spam as a part of a message that reports on it.
//
// PerMsgStatus.pm, rewrite_report_safe. The original's octets stay as they are between two texts;
// nothing in them can be taken for the boundary. Linear in the message.
#pragma once

#include <string>

#include "rules/engine/report.h"

namespace postern {

/// What to put in front of the original, header first, and behind it. Line ends are those of the
/// original.
struct Enclosure {
  std::string before;
  std::string behind;
};

/// From, To, Cc, Subject, Date and Message-Id are kept, those of rewrite_header rewritten; then
/// come the X-Spam fields, and what report_safe_copy_headers names (Received on top). A field with
/// more than 8 KiB is left out. SpamAssassin puts a Received field of its own on top, whoever
/// delivers the message does so here.
Enclosure report_message(const ScanResult& result, std::string_view original,
                         ScannedMessage* message);

}  // namespace postern
