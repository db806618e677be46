// set_aside.h — keeps what could not be read for people to look at: corrupt/.
#pragma once

#include <cstdint>
#include <string>

#include "gateway/queue/disk.h"

namespace postern {

enum class SetAside {
  saved,  // now
  known,  // at an earlier start
  empty,  // nothing but zeros: there is nothing to keep
  failed,
};

/// Copies a stretch of a segment to corrupt/SEGMENT-OFFSET, on stable storage.
SetAside set_aside(Disk& disk, const DiskFile& file, std::uint32_t segment, std::uint64_t offset,
                   std::uint64_t size);
std::string corrupt_path(std::uint32_t segment, std::uint64_t offset);
/// Where a segment goes of which not even the header can be read.
std::string corrupt_segment_path(std::uint32_t segment);

}  // namespace postern
