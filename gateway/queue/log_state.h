// log_state.h — the log as recovery left it, and as the commit thread keeps it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>

#include "gateway/queue/record.h"
#include "gateway/queue/segment_writer.h"

namespace postern {

/// A segment that is not written any more.
struct ClosedSegment {
  std::uint64_t size = 0;
  std::uint64_t salt = 0;
  std::uint64_t durable = 0;  // octets that were on stable storage when it was left
  /// False: something in it could not be read. It stays until the next start, and so does
  /// everything after it.
  bool removable = true;

  std::uint64_t records() const {
    return size - std::min<std::uint64_t>(size, first_record_offset);
  }
};

/// To read a record takes the time of so many octets beside its own.
constexpr std::uint64_t octets_for_record = 1024;

struct LogState {
  std::map<std::uint32_t, ClosedSegment> segments;
  std::uint32_t next_segment = 1;
  std::uint64_t next_sequence = 1;
  SegmentWriter::Previous previous;
  /// What the next start has to read behind the checkpoint: octets, and for each record some more.
  std::uint64_t growth = 0;
  std::uint64_t checkpoint_size = 0;  // 0: there is none
};

}  // namespace postern
