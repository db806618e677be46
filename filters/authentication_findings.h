// authentication_findings.h — what the filters spf, dkim and dmarc found, for others: as results of
// RFC 8601, and in the form in which rules want it.
#pragma once

#include <optional>
#include <vector>

#include "gateway/mail/authentication_results.h"
#include "gateway/pipeline/evidence.h"
#include "rules/message/authentication_results.h"

namespace postern {

/// In the order in which they were found. Only findings of these filters under their own name
/// count, and only those that parse_result() reads.
std::vector<MethodResult> authentication_findings(const std::vector<Found>& findings);

/// Nothing where no filter has authenticated anything. As SpamAssassin does it, a HELO that is an
/// IPv4 address or has no dot counts as not checked (SPF.pm), and so does DMARC where the DNS
/// did not answer.
std::optional<AuthenticationResults> authentication_for_rules(const std::vector<Found>& findings);

}  // namespace postern
