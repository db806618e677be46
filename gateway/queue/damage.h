// damage.h — what happens to a record that is not what was written: counted, logged, kept in
// corrupt/ for people to look at.
#pragma once

#include <cstdint>
#include <string_view>

#include "gateway/queue/disk.h"
#include "gateway/queue/message_id.h"
#include "gateway/queue/set_aside.h"

namespace postern {

/// A stretch of a segment is no record. `file`: nothing where the disk does not give the octets.
/// What was set aside at an earlier start is not counted and logged again.
SetAside record_damage(Disk& disk, const DiskFile* file, std::uint32_t segment,
                       std::uint64_t offset, std::uint64_t size);

/// The disk gives an error for a segment, or for a part of it.
void segment_unreadable(std::uint32_t segment, std::string_view error);

/// A segment without a good header is moved away whole. False where it stays.
bool segment_damage(Disk& disk, std::uint32_t segment, std::uint64_t size);

/// The file of a large message is missing, or is not what was written. What there is of it is
/// moved to corrupt/; false where that failed.
bool content_damage(Disk& disk, MessageId id, std::uint64_t size);

}  // namespace postern
