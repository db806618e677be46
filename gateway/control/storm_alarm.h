// storm_alarm.h — tells of storms: metrics, and one event when a storm begins and one when it ends.
#pragma once

#include "gateway/net/loop.h"
#include "gateway/net/task.h"
#include "policies/storm_watch.h"

namespace postern {

/// For ever; both references outlive it.
Task<void> tell_of_storms(Loop& loop, StormWatch& watch);

}  // namespace postern
