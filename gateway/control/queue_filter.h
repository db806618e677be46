// queue_filter.h — which messages a command means: one language for all of them.
//
//   ID                 that message           --client IP       whom it came from
//   --sender A         reverse path           --age 2h          at least that old
//   --recipient A      one still open         --younger 10m     younger than that
//   --destination D    domain of one          --size 1MiB       at least that large
//   --state active|deferred|hold              --reason TEXT     why it is still here, in part
//
// Texts compare without case; "*" matches any run of octets; the sender "<>" is the null sender.
// All that are given must hold.
#pragma once

#include <cstdint>
#include <string>

#include "gateway/base/clock.h"
#include "gateway/base/result.h"
#include "gateway/control/standing.h"
#include "gateway/queue/spool.h"

namespace postern {

struct QueueFilter {
  std::string id, sender, recipient, destination, state, reason, client;
  milliseconds age{0}, younger{0};
  std::uint64_t size = 0;

  bool everything() const;
  /// Names and numbers that no message could have are mistakes of whoever asks.
  Result<> check() const;

  /// Whether the scheduler must be asked before matches() can be.
  bool needs_standing() const {
    return !reason.empty() || state == "active" || state == "deferred";
  }
  /// False only where matches() is, too: from what the spool knows alone.
  bool may_match(const MessageSummary& message, WallTime now) const;
  bool matches(const MessageSummary& message, const Standing& standing, WallTime now) const;
};

}  // namespace postern
