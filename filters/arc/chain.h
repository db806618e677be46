// chain.h — whether the ARC chain of a message holds: RFC 8617 §5.2.
#pragma once

#include <string>
#include <string_view>

#include "gateway/net/dns.h"

namespace postern::arc {

struct Chain {
  std::string_view state = "none";  // "none", "pass", "fail"
  unsigned instances = 0;
  std::string reason;            // of a fail
  std::string domain, selector;  // of the newest seal, where it holds
};

/// The newest message signature and all seals are verified. `octets`: the message as received,
/// with CRLF, alive until the end. What cannot be decided now is a fail (§5.2 knows no other).
Task<Chain> verify_chain(Resolver& dns, std::string_view octets, WallTime now, SteadyTime deadline);

}  // namespace postern::arc
