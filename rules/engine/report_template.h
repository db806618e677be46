// report_template.h — _TAGS_ in the texts of rewrite_header and add_header, filled in.
//
// Of SpamAssassin's tags those that a scan can answer; they are listed in the .cc. What is none of
// them stays as it stands. PREVIEW, HEADER(name) and what is told of relays need the message.
#pragma once

#include <string>
#include <string_view>

#include "rules/rules.h"

namespace postern {

/// "_YESNO(spam,ham)_" and the like: what stands in brackets goes to the tag.
std::string fill_template(std::string_view text, const ScanResult& result,
                          ScannedMessage* message = nullptr);

/// One decimal. A message below the required score never looks as if it had reached it.
std::string shown_score(const ScanResult& result);

}  // namespace postern
