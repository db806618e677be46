// segment_replay.h — the records of one segment into the index, and a judgement on what is none.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "gateway/queue/disk.h"
#include "gateway/queue/index.h"
#include "gateway/queue/log_state.h"
#include "gateway/queue/record.h"
#include "gateway/queue/segment_scanner.h"
#include "gateway/queue/spool.h"

namespace postern {

struct Segment {
  std::uint32_t number = 0;
  std::shared_ptr<DiskFile> file;
  std::uint64_t size = 0;
  SegmentHeader header;
};

class SegmentReplay {
 public:
  /// What is known of a segment before it is read.
  struct Known {
    std::uint64_t offset = first_record_offset;  // where to begin
    std::uint64_t sequence = 0;                  // the least that may come there
    /// What the next segment's header says was on stable storage of this one; nothing for the last.
    std::optional<std::uint32_t> durable;
  };

  SegmentReplay(Disk& disk, Index& index, RecoveryReport& report)
      : disk_(disk), index_(index), report_(report) {}

  /// Damage is copied to corrupt/ with a log event; what a crash tore off the end is cut.
  ClosedSegment run(const Segment& segment, const Known& known);
  std::uint64_t next_sequence() const { return next_sequence_; }
  /// Something that was acknowledged may not be in the index.
  bool damage_seen() const { return damage_seen_; }

 private:
  struct Stretch {
    std::uint64_t offset = 0;
    std::uint64_t size = 0;
    std::uint64_t end() const { return offset + size; }
  };
  /// What was read beside the records.
  struct Scan {
    std::vector<Stretch> bad;
    std::uint64_t durable = first_record_offset;  // the most that a record in it says
    bool read_failed = false;
  };

  Scan scan(const Segment& segment, const Known& known);
  bool apply(const Scanned& scanned, std::uint32_t segment);
  bool apply_message(const Scanned& scanned, std::uint32_t segment);
  ClosedSegment judge(const Segment& segment, const Known& known, const Scan& scan);
  void report_damage(const Segment& segment, const Stretch& bad, bool read_failed);
  std::uint64_t cut(const Segment& segment, bool read_failed, const std::vector<Stretch>& torn);
  void saw(MessageId id) { report_.last_id = std::max(report_.last_id, id); }

  Disk& disk_;
  Index& index_;
  RecoveryReport& report_;
  std::uint64_t next_sequence_ = 1;
  bool damage_seen_ = false;
};

}  // namespace postern
