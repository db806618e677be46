// outcome.h — what became of a signature, in RFC 8601's words (§2.7.1), and why.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace postern::dkim {

/// RFC 6376 §3.9's SUCCESS is pass, TEMPFAIL temperror. Its PERMFAIL is `fail` where the signature
/// contradicts the message or has expired, `permerror` where signature or key are unusable, and
/// `policy` where RFC 8301 forbids to believe it: rsa-sha1, keys under 1024 bits. `neutral`: not
/// looked at, since there are too many.
enum class Outcome : std::uint8_t { none, pass, fail, policy, neutral, temperror, permerror };

constexpr std::string_view outcome_name(Outcome outcome) {
  constexpr std::array<std::string_view, 7> names = {"none",    "pass",      "fail",     "policy",
                                                     "neutral", "temperror", "permerror"};
  return names[static_cast<std::size_t>(outcome)];
}

struct Judgement {
  Outcome outcome = Outcome::none;  // none: not judged yet
  std::string reason;

  bool open() const { return outcome == Outcome::none; }
};

}  // namespace postern::dkim
