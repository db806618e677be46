// report_settings.h — what a scored message is told in its header: rewrite_header, add_header,
// report and their kin.
//
// All of it is read and kept as SpamAssassin keeps it; engine/report.h says what is used.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "rules/base/setting.h"

namespace postern {

struct AddedHeader {
  std::string name;  // without "X-Spam-"
  std::string text;  // with its _TAGS_
};

struct ReportSettings {
  double required_score = 5;
  /// rewrite_header: "Subject", "From", "To" to the text that is put there.
  std::map<std::string, std::string, std::less<>> rewrites;
  /// add_header, for ham and for spam, in the order of the lines.
  std::vector<AddedHeader> ham{
      {"Checker-Version", "SpamAssassin _VERSION_ (_SUBVERSION_) on _HOSTNAME_"}};
  std::vector<AddedHeader> spam = ham;
  bool headers_given = false;  // rule files have said something about them
  /// report_safe: 0 = marks in the header only, 1 and 2 = the message attached to a report.
  unsigned safe = 1;
  std::vector<std::string> copied_headers;  // report_safe_copy_headers
  std::string report;                       // templates, lines joined by "\n"
  std::string unsafe_report;
  std::string contact = "the administrator of that system";
  std::string hostname;
  std::string charset = "UTF-8";
  unsigned wrap_width = 75;
  bool fold_headers = true;
  /// subjprefix: by the rule that puts it in front of the subject.
  std::map<std::string, std::string, std::less<>> subject_prefixes;

  /// rewrite_header Subject; "" = leave it.
  const std::string& subject_tag() const;
};

SettingTable report_directives();

}  // namespace postern
