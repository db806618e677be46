// recovery.h — from the files of the spool to the index, after a stop of any kind.
#pragma once

#include "gateway/queue/commit_log.h"
#include "gateway/queue/disk.h"
#include "gateway/queue/index.h"
#include "gateway/queue/log_files.h"
#include "gateway/queue/spool.h"

namespace postern {

/// Replays the log into `index`. The directories exist and the lock is held. Fails only where the
/// log cannot be listed or was written by a later version; then nothing has been changed. What is
/// damaged is copied to corrupt/ with a log event, and the rest is served.
Result<LogState> recover(Disk& disk, LogFiles& files, Index& index, RecoveryReport& report);

}  // namespace postern
