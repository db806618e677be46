// report.h — what a scan is written into the message as: X-Spam-Flag, -Level, -Status, -Report.
//
// Names and shapes are SpamAssassin's, since filters behind the gateway look for them. Values
// only, in plain ASCII; make_field() (gateway/mail/header.h) folds them.
#pragma once

#include <string>
#include <vector>

#include "rules/rules.h"

namespace postern {

/// "YES" or "NO".
std::string spam_flag(const ScanResult& result);
/// A star a full point, at most 50; "" below 1.
std::string spam_level(const ScanResult& result);
/// "Yes, score=7.3 required=5.0 tests=A,B autolearn=disabled version=Postern"; tests=none
/// without hits.
std::string spam_status(const ScanResult& result);
/// One line a hit, "\n" between them: score, name, description; at most 100 hits.
std::string spam_report(const ScanResult& result);

/// A field that a scored message gets: "X-Spam-Status" and its value.
struct SpamMark {
  std::string name;
  std::string value;
};
/// What add_header and its kin in the rule files ask for, or, where they say nothing of it, Flag
/// (for spam), Level and Status.
std::vector<SpamMark> spam_marks(const ScanResult& result);

/// The subject with the tag of rewrite_header in front, its _TAGS_ filled in (report_template.h).
std::string tagged_subject(std::string_view tag, std::string_view subject,
                           const ScanResult& result);

}  // namespace postern
