// report.h — what a scan is written into the message as: X-Spam-Flag, -Level, -Status, -Report.
//
// Names and shapes are SpamAssassin's, since filters behind the gateway look for them. Values
// only, in plain ASCII; make_field() (gateway/mail/header.h) folds them. The message that
// report_safe makes is in report_message.h.
#pragma once

#include <string>
#include <vector>

#include "gateway/mail/header.h"
#include "rules/rules.h"

namespace postern {

/// "YES" or "NO".
std::string spam_flag(const ScanResult& result);
/// A star a full point, at most 50; "" below 1.
std::string spam_level(const ScanResult& result);
/// "Yes, score=7.3 required=5.0 tests=A,B autolearn=disabled version=Postern"; tests=none
/// without hits.
std::string spam_status(const ScanResult& result);
/// A field that a scored message gets: "X-Spam-Status" and its value.
struct SpamMark {
  std::string name;
  std::string value;
};
/// What add_header and its kin ask for, or, where they say nothing, Flag (for spam), Level, Status.
std::vector<AddedHeader> added_headers(const ScanResult& result);
/// Their fields, filled in.
std::vector<SpamMark> spam_marks(const ScanResult& result, ScannedMessage* message = nullptr);
/// The value of one such field as it stands in a message, "\n\t" where it is folded: as
/// SpamAssassin folds and encodes it (PerMsgStatus.pm, _process_header and mime_encode_header).
std::string folded_value(const AddedHeader& header, const ScanResult& result,
                         ScannedMessage* message);

/// rewrite_header, report_safe and their kin, for the recipient whom the result is for.
const ReportSettings& report_settings(const ScanResult& result);

/// What subjprefix puts in front of the subject for the rules that hit; each text once, a blank
/// behind it. "" where rewrite_header Subject is not set: SpamAssassin has it so.
std::string subject_prefix(const ScanResult& result);

/// Fields that are to be written anew, in place of those of that name: rewrite_header and
/// subjprefix. From and To get the tag as a comment. For spam each is followed by what it was,
/// X-Spam-Prev-NAME. A tag that is there already is not put there again.
struct Rewrite {
  std::string name;
  std::string value;
  std::string previous;  // "(nonexistent)" for a subject that was not there; "" for ham
};
std::vector<Rewrite> rewrites(const SplitMessage& split, const ScanResult& result,
                              ScannedMessage* message);

}  // namespace postern
