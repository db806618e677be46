// verify.h — the signatures of a message, verified: RFC 6376 §6.
#pragma once

#include <string_view>
#include <vector>

#include "filters/dkim/signature.h"
#include "gateway/net/dns.h"

namespace postern::dkim {

/// Of one message so many are verified, from the top; further ones are neutral.
constexpr std::size_t most_signatures = 10;
/// And so many are told of.
constexpr std::size_t most_reported = 50;
/// A message with so many fields or more is not verified: what h= means must be looked up in all.
constexpr std::size_t most_fields = 2000;

struct CheckedField {
  Signature signature;  // what could be read of it
  Judgement judgement;  // never open
  unsigned key_bits = 0;
  bool testing = false;
};

/// One for each DKIM-Signature field, topmost first. `octets`: the message as received, with CRLF,
/// alive until the end. The keys are asked for all at once, while the body is hashed.
Task<std::vector<CheckedField>> verify_signatures(Resolver& dns, std::string_view octets,
                                                  WallTime now, SteadyTime deadline);

}  // namespace postern::dkim
