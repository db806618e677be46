// segment_writer.h — the end of the log, where records are added. Owned by the commit thread.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "gateway/queue/disk.h"
#include "gateway/queue/envelope.h"
#include "gateway/queue/index.h"
#include "gateway/queue/record.h"

namespace postern {

/// A record on its way to the log. Made on the caller's thread, checksums included, so that the
/// commit thread only gathers.
struct LogRecord {
  RecordType type = RecordType::accept;
  std::string start;  // room for the header, then the head
  Content tail;       // or nullptr
  std::uint32_t head_crc = 0;
  std::uint32_t tail_crc = 0;
  Location location;  // set when it is appended

  /// `tail_crc`: of the tail, which callers have at hand.
  static LogRecord make(RecordType type, std::string start, Content tail = nullptr,
                        std::uint32_t tail_crc = 0);
  std::uint64_t size() const;  // octets on disk
};

class SegmentWriter {
 public:
  /// What stood at the end of the log before.
  struct Previous {
    std::uint32_t number = 0;
    std::uint32_t durable = 0;
  };

  /// Creates the segment; its header and its name are on stable storage before this returns, so
  /// that no acknowledged record ever lies in a segment without a header. `room` octets are kept
  /// free at the end, always, for what must be recorded when the disk is full. On failure no file
  /// is left behind, if possible.
  static Result<std::unique_ptr<SegmentWriter>> begin(Disk& disk, std::uint32_t number,
                                                      Previous previous, std::uint64_t room);

  /// Reserves space for `octets` beside the room; to be asked before messages are appended.
  Result<> make_room(std::uint64_t octets);
  /// Writes the records in order and numbers them from `sequence` on. On failure nothing counts as
  /// written, although some of it may be on disk.
  Result<> append(std::span<LogRecord* const> records, std::uint64_t& sequence);
  Result<> sync();
  /// Drops what a failed append left, and the reserve.
  Result<> cut_to_end();

  std::uint32_t number() const { return number_; }
  std::uint64_t salt() const { return salt_; }
  std::uint64_t end() const { return end_; }
  bool empty() const { return end_ == first_record_offset; }
  bool synced() const { return durable_ == end_; }
  Previous left_behind() const { return {number_, static_cast<std::uint32_t>(durable_)}; }
  const std::shared_ptr<DiskFile>& file() const { return file_; }

 private:
  SegmentWriter(std::shared_ptr<DiskFile> file, std::uint32_t number, std::uint64_t room)
      : file_(std::move(file)), number_(number), room_(room) {}
  Result<> reserve(std::uint64_t octets);
  Result<> write_header(Disk& disk, Previous previous);

  std::shared_ptr<DiskFile> file_;
  std::uint32_t number_;
  std::uint64_t room_;
  std::uint64_t reserved_ = 0;
  std::uint64_t salt_ = 0;
  std::uint64_t end_ = first_record_offset;
  std::uint64_t durable_ = first_record_offset;
};

}  // namespace postern
