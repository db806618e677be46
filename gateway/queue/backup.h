// backup.h — the spool copied to another directory while the gateway runs, and back.
//
// A backup is the log up to one place, the files of large messages, and a manifest, written last.
// What was over at that moment is over in the backup; what came later is not in it.
#pragma once

#include <cstdint>

#include "gateway/base/clock.h"
#include "gateway/base/result.h"
#include "gateway/queue/checkpoint.h"
#include "gateway/queue/disk.h"
#include "gateway/queue/spool.h"

namespace postern {

/// There while a spool is restored. A gateway does not start with it, since half the mail would
/// pass for all of it.
inline constexpr const char* restoring_path = "restoring";

/// The part of Spool::backup after the moment was taken: copies the log up to `position`, which
/// nobody may delete meanwhile, and reads all of it back.
Result<BackupReport> copy_spool(Disk& from, Disk& to, const LogPosition& position,
                                std::uint64_t messages, WallTime now);

struct RestoreReport {
  std::uint64_t messages = 0;  // in the queue when the backup was taken
  WallTime taken{};
  std::uint64_t files = 0;
  std::uint64_t octets = 0;
  std::uint64_t records = 0;
  /// Stretches that are no records and were none when the backup was taken: the next start sets
  /// them aside.
  std::uint64_t damaged = 0;
};

/// Makes an empty directory a spool as it was when the backup was taken. Every file and every
/// record is verified before anything is written. Refuses half a backup, a damaged one, one of a
/// later version, and a target that is not empty or in use. After a crash in the middle the target
/// is refused by the gateway until it is emptied.
Result<RestoreReport> restore(Disk& from, Disk& to);

}  // namespace postern
