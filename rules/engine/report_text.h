// report_text.h — the texts that a report is made of: what hit, and how the message begins.
//
// PerMsgStatus.pm, check_cleanup and get_content_preview; Util.pm, wrap. Lines end with "\n".
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "rules/rules.h"

namespace postern {

/// Where a text is broken into lines.
struct WrapStyle {
  std::string_view prefix;                // of every line but the first
  std::string_view first;                 // of the first
  std::size_t width = 75;                 // octets; a tab counts as eight
  bool overflow = false;                  // a line may end with the word that makes it too long
  bool behind_blanks_and_commas = false;  // blanks stay at the ends of lines
};
/// A word that is longer than a line has one of its own.
std::string wrapped(std::string_view text, const WrapStyle& style);

/// One line a hit, wrapped: "*  5.0 NAME BODY: description"; at most 100 hits.
std::string spam_report(const ScanResult& result);
/// The same as a table: " 5.0 NAME                   BODY: description".
std::string spam_summary(const ScanResult& result);

/// The beginning of the text, some 200 octets; `body` as body rules see it.
std::string content_preview(const std::vector<std::string>& body);

}  // namespace postern
