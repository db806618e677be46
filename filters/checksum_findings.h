// checksum_findings.h — what the filters dcc and razor found, as findings and back: they ask in the
// gateway, and the rules that look at it run in a worker.
#pragma once

#include <string_view>
#include <vector>

#include "gateway/base/result.h"
#include "gateway/pipeline/evidence.h"
#include "rules/message/checksum_reports.h"

namespace postern {

/// dccifd's answer: two lines of status, then the X-DCC field, folded by tabs (DCC.pm,
/// parse_dcc_response). An error where it is none.
Result<DccReport> read_dcc_answer(std::string_view answer);
/// "spam" or "ham", and the highest confidence where it is known: "spam cf=89".
Result<RazorReport> read_razor_answer(std::string_view answer);

Finding finding_of(const DccReport& report);
Finding finding_of(const RazorReport& report);
/// Of all that filters found, what those two did.
ChecksumReports checksum_reports(const std::vector<Found>& findings);

}  // namespace postern
