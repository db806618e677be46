// collector.h — copies what still lives in the oldest segment to the end of the log.
//
// Only the oldest segment is ever collected and deleted: FORMAT.md has the reason. Owned by the
// commit thread.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "gateway/queue/index.h"
#include "gateway/queue/segment_scanner.h"
#include "gateway/queue/segment_writer.h"

namespace postern {

/// A record's copy, and where it was taken from.
struct Copied {
  MessageId id;
  Location from;
  LogRecord record;
};

class Collector {
 public:
  Collector(std::shared_ptr<const DiskFile> file, std::uint64_t size, std::uint64_t salt,
            std::uint32_t segment, const Index& index)
      : file_(std::move(file)), scanner_(*file_, size, salt), segment_(segment), index_(index) {}

  /// About `budget` octets of living records with their state of now; the segment is read on by at
  /// most a few times that, so that a step is short even where nothing lives.
  std::vector<Copied> step(std::uint64_t budget);
  bool at_end() const { return at_end_; }
  std::uint32_t segment() const { return segment_; }

 private:
  std::shared_ptr<const DiskFile> file_;
  SegmentScanner scanner_;
  std::uint32_t segment_;
  const Index& index_;
  bool at_end_ = false;
};

}  // namespace postern
