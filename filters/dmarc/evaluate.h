// evaluate.h — whether the author's domain stands behind a message: RFC 7489 §3.1, §6.6.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "filters/dmarc/organizations.h"
#include "filters/dmarc/record.h"
#include "gateway/mail/authentication_results.h"
#include "gateway/mail/header.h"
#include "gateway/net/dns.h"

namespace postern::dmarc {

enum class Verdict : std::uint8_t { none, pass, fail, temperror, permerror };

struct Outcome {
  Verdict verdict = Verdict::none;
  std::string domain;            // of the author; "" where there is none
  Policy policy = Policy::none;  // what the domain asks for; of pass and fail only
  unsigned percent = 100;
};

/// §6.6.1: the domains of all authors, in lower case and once each; at most ten of them.
std::vector<std::string> author_domains(const SplitMessage& message);

/// `results`: those of spf and dkim. Of several authors the one who is treated worst decides
/// (§6.6.1). §6.6.3: a domain's own record, or else that of its organisation; several records are
/// none.
Task<Outcome> evaluate(Resolver& dns, const Organizations& organizations,
                       std::vector<std::string> authors, std::vector<MethodResult> results,
                       SteadyTime deadline);

/// "dmarc=fail (p=reject) header.from=example.org policy.published-domain-policy=reject".
MethodResult as_result(const Outcome& outcome);

}  // namespace postern::dmarc
