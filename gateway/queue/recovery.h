// recovery.h — from the files of the spool to the index, after a stop of any kind.
#pragma once

#include <vector>

#include "gateway/queue/disk.h"
#include "gateway/queue/index.h"
#include "gateway/queue/log_state.h"
#include "gateway/queue/spool.h"

namespace postern {

struct Recovered {
  LogState log;
  /// Messages that are over, since their content is lost. Nothing in the log says so yet.
  std::vector<MessageId> lost;
};

/// Takes the checkpoint, where there is one that fits, and replays the log behind it into `index`.
/// The directories exist and the lock is held. Fails only where the log cannot be listed or was
/// written by a later version; then nothing has been changed. What is damaged is copied to corrupt/
/// with a log event, and the rest is served.
Result<Recovered> recover(Disk& disk, Index& index, RecoveryReport& report);

}  // namespace postern
