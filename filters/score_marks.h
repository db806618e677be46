// score_marks.h — what a scored message gets in its header, or the report that it is put into.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gateway/pipeline/verdict.h"
#include "rules/engine/preferences.h"
#include "rules/rules.h"

namespace postern {

/// Of the configuration.
struct ScoreMarks {
  std::string subject_tag;        // empty: what the rules say
  std::string report_safe = "0";  // "1", "2", or "rules": what they say
  bool add_headers = true;
};

/// One message on its way to its marks; they may differ for each recipient.
struct Marking {
  const ScoreMarks& marks;
  std::string_view octets;  // as received
  ScannedMessage& message;  // the same, with our Received field on top

  /// `preferences`: of those whom the result is for, or nullptr.
  std::vector<Change> changes(const ScanResult& result, const Preferences* preferences) const;
};

}  // namespace postern
