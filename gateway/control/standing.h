// standing.h — how a message stands, for people: its state, what comes next and when, and why it is
// still here. From what the spool and the scheduler know together.
#pragma once

#include <cstdint>
#include <string_view>

#include "gateway/base/clock.h"
#include "gateway/delivery/placing.h"
#include "gateway/queue/spool.h"
#include "gateway/scheduler/scheduler.h"

namespace postern {

/// active: it is being delivered, or will be as soon as there is room. deferred: it was tried, or
/// its destination is not to be reached, and it waits. hold: only an administrator moves it.
enum class QueueState : std::uint8_t { active, deferred, hold };
std::string_view name_of(QueueState state);

struct Standing {
  QueueState state = QueueState::active;
  WallTime next{};          // of the next attempt; zero: as soon as there is room, or never (hold)
  std::string_view reason;  // of its hold, of its destination's silence, or the last reply
};

/// To the second, since the two clocks are not read at the same moment.
WallTime wall_time_of(SteadyTime time, const Placing::Moment& now);

/// The reason is a view into one of the arguments.
Standing standing_of(const MessageSummary& message, const Whereabouts& where,
                     const Placing::Moment& now);

}  // namespace postern
