// authentication_results.h — what the gateway found out about SPF, DKIM, ARC and DMARC, handed to
// a scan. Nothing here is asked for again: an absent member is "not checked", and functions that
// want it answer as SpamAssassin does without a network.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace postern {

/// RFC 7208 §2.6.
enum class SpfResult : std::uint8_t { none, neutral, pass, fail, softfail, temperror, permerror };

/// One DKIM-Signature or ARC seal, verified.
struct CheckedSignature {
  /// The signing domain: that of i=, or else d=.
  std::string domain;
  bool valid = false;              // not expired, and "pass"
  bool testing = false;            // the key says t=y
  bool transient_failure = false;  // its key could not be had now
  unsigned key_bits = 0;           // 0 = not known
};

struct DmarcResult {
  enum class Policy : std::uint8_t { absent, none, quarantine, reject };
  bool pass = false;
  Policy policy = Policy::absent;  // what the domain asks for; absent where it publishes nothing
};

struct AuthenticationResults {
  std::optional<SpfResult> spf_sender;  // of the envelope sender
  std::optional<SpfResult> spf_helo;
  std::optional<std::vector<CheckedSignature>> dkim;
  std::optional<std::vector<CheckedSignature>> arc;
  std::optional<DmarcResult> dmarc;
};

}  // namespace postern
