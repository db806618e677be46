// log_files.h — reading single records back: envelopes when they are asked for, contents when due.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>

#include "gateway/queue/disk.h"
#include "gateway/queue/index.h"
#include "gateway/queue/payload.h"

namespace postern {

/// Keeps the descriptors of the segments last read. Thread-safe.
class LogFiles {
 public:
  explicit LogFiles(Disk& disk) : disk_(disk) {}

  /// A segment that is open already.
  void add(std::uint32_t segment, std::shared_ptr<const DiskFile> file);
  /// It was deleted, and so were all before it; whoever reads it now can finish.
  void forget(std::uint32_t segment);

  /// The head of an accept or collected record; illegal_byte_sequence where it is damaged.
  Result<AcceptHead> read_head(const Location& location);
  Result<Content> read_tail(const Location& location, std::uint32_t crc);

 private:
  Result<std::shared_ptr<const DiskFile>> file(std::uint32_t segment);

  Disk& disk_;
  std::mutex mutex_;
  std::map<std::uint32_t, std::shared_ptr<const DiskFile>> files_;
  std::uint32_t first_ = 0;  // what is deleted is not kept: it would hold the disk's space
};

}  // namespace postern
