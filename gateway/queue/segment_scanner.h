// segment_scanner.h — reads a segment from one end to the other, whatever its octets are.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/queue/disk.h"
#include "gateway/queue/record.h"

namespace postern {

/// What the scanner met: a record whose checksums are right, or a stretch that is none.
struct Scanned {
  bool good = false;
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
  RecordHeader header;  // good: this and the views, which live until the next call
  std::string_view head, tail;
};

/// Every octet of the file belongs to exactly one thing that next() returns, in order.
class SegmentScanner {
 public:
  SegmentScanner(const DiskFile& file, std::uint64_t file_size, std::uint64_t salt,
                 std::uint64_t offset = first_record_offset)
      : file_(file), size_(file_size), salt_(salt), offset_(offset) {}

  std::optional<Scanned> next();
  std::uint64_t offset() const { return offset_; }
  /// The disk gave an error for some octets; they were taken for zeros.
  bool read_failed() const { return read_failed_; }

 private:
  std::string_view view(std::uint64_t offset, std::uint64_t length);
  void read_by_blocks(std::uint64_t offset, std::uint64_t length);
  Scanned take(std::uint64_t size, const std::optional<RecordHeader>& header);
  std::uint64_t find_header(std::uint64_t from);

  const DiskFile& file_;
  std::uint64_t size_;
  std::uint64_t salt_;
  std::uint64_t offset_;
  std::string window_;
  std::uint64_t window_offset_ = 0;
  bool read_failed_ = false;
};

}  // namespace postern
