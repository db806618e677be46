// queue_filter.h — which messages a command means: one language for all of them.
//
//   --id ID         that message            --state active|deferred|hold
//   --sender A      reverse path            --recipient A       any recipient that is still open
//   --destination D domain of a recipient   --reason TEXT       last reply or hold reason contains
//   it
//   --age 2h        at least that old       --client IP         whom it came from
//
// Addresses and domains compare without case; "*" matches any run of octets. All given must hold.
#pragma once

#include <string>
#include <string_view>

#include "gateway/base/clock.h"
#include "gateway/queue/envelope.h"

namespace postern {

struct QueueFilter {
  std::string id, sender, recipient, destination, state, reason, client;
  milliseconds age{0};

  bool everything() const;
  bool matches(const Envelope& envelope, std::string_view state_now, WallTime now) const;
};

/// "a*c" against "abbc": linear in the text for each star, no recursion.
bool glob_match(std::string_view pattern, std::string_view text);

}  // namespace postern
