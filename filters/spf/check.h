// check.h — check_host(): whether a host may send mail in the name of a domain, RFC 7208 §4.
//
// Everything that a stranger's record can make us do is counted: ten terms that ask (§4.6.4), two
// questions without an answer, ten names of a mechanism; and all of it ends at the deadline.
#pragma once

#include <string>
#include <string_view>

#include "gateway/base/clock.h"
#include "gateway/net/dns.h"
#include "policies/network.h"
#include "rules/message/authentication_results.h"

namespace postern::spf {

struct Question {
  IpAddress client;
  std::string sender;    // "" = postmaster@helo (§2.4); without a local part: its postmaster (§4.3)
  std::string helo;      // as the client said it
  std::string receiver;  // our name, for explanations
  WallTime now{};
};

struct Outcome {
  SpfResult result = SpfResult::none;
  /// The domain's own words for a fail (§6.2): visible ASCII, at most 400 octets; "" = none.
  std::string explanation;
  /// For the log: the term that decided, or what is wrong with the record.
  std::string reason;
};

/// §4.4, §2.6.6: a question that fails, or comes too late, is a temperror.
///
/// One deviation: §4.3 answers none for a name of one label. Top-level domains that send mail
/// exist, so such a name is asked for like any other.
Task<Outcome> check(Resolver& dns, Question question, SteadyTime deadline);

/// "pass", "softfail" …: RFC 7208 §2.6, RFC 8601 §2.7.2.
std::string_view result_name(SpfResult result);

}  // namespace postern::spf
