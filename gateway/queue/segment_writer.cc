#include "gateway/queue/segment_writer.h"

#include <sys/random.h>

#include <limits>
#include <string_view>
#include <vector>

#include "gateway/base/bytes.h"

namespace postern {

namespace {

/// Space is reserved in steps, so that a batch rarely costs a further system call.
constexpr std::uint64_t reserve_step = 8U << 20;

Result<std::uint64_t> random_salt() {
  std::uint64_t salt = 0;
  // Zero would match the empty stretches of a file.
  while (salt == 0) {
    if (::getrandom(&salt, sizeof salt, 0) != static_cast<ssize_t>(sizeof salt)) {
      return fail_errno("asking for random octets");
    }
  }
  return salt;
}

}  // namespace

LogRecord LogRecord::make(RecordType type, std::string start, Content tail,
                          std::uint32_t tail_crc) {
  LogRecord out;
  out.type = type;
  out.head_crc = crc32c(std::string_view(start).substr(record_header_size));
  out.tail_crc = tail_crc;
  out.start = std::move(start);
  out.tail = std::move(tail);
  out.location.head_length = static_cast<std::uint32_t>(out.start.size() - record_header_size);
  out.location.tail_length = static_cast<std::uint32_t>(out.tail ? out.tail->size() : 0);
  return out;
}

std::uint64_t LogRecord::size() const { return location.size(); }

Result<std::unique_ptr<SegmentWriter>> SegmentWriter::begin(Disk& disk, std::uint32_t number,
                                                            Previous previous, std::uint64_t room) {
  const auto path = segment_path(number);
  TRY(auto created, disk.create(path));
  std::unique_ptr<SegmentWriter> writer(new SegmentWriter(std::move(created), number, room));
  if (auto written = writer->write_header(disk, previous); !written) {
    // What cannot be removed has no records, and goes at the next start.
    static_cast<void>(disk.remove(path));
    return std::unexpected(std::move(written).error());
  }
  return writer;
}

Result<> SegmentWriter::write_header(Disk& disk, Previous previous) {
  TRY(const auto salt, random_salt());
  salt_ = salt;
  TRY(reserve(first_record_offset + room_));
  const auto octets = encode_segment_header({number_, salt_, previous.number, previous.durable});
  const std::string_view pieces[] = {octets};
  TRY(file_->write(0, pieces));
  TRY(file_->sync());
  return disk.sync_directory("log");
}

Result<> SegmentWriter::reserve(std::uint64_t octets) {
  auto reserved = file_->reserve(octets);
  if (reserved) reserved_ = octets;
  if (reserved || reserved.error().code != std::errc::operation_not_supported) return reserved;
  // Then there is no promise for progress on a full disk; deliveries pause instead.
  reserved_ = std::numeric_limits<std::uint64_t>::max();
  return {};
}

Result<> SegmentWriter::make_room(std::uint64_t octets) {
  const auto needed = end_ + octets + room_;
  if (needed <= reserved_ || reserve(needed + reserve_step)) return {};
  return reserve(needed);
}

Result<> SegmentWriter::append(std::span<LogRecord* const> records, std::uint64_t& sequence) {
  static constexpr char zeros[record_alignment] = {};
  std::vector<std::string_view> pieces;
  pieces.reserve(records.size() * 3);
  std::uint64_t at = end_;
  for (LogRecord* record : records) {
    record->location.segment = number_;
    record->location.offset = static_cast<std::uint32_t>(at);
    const RecordHeader header{record->type,
                              record->location.head_length,
                              record->location.tail_length,
                              record->head_crc,
                              record->tail_crc,
                              sequence++,
                              static_cast<std::uint32_t>(durable_)};
    put_record_header(record->start, header, salt_);
    const std::uint64_t size = record->size();
    const std::uint64_t filled = record->start.size() + record->location.tail_length;
    pieces.emplace_back(record->start);
    if (record->tail) pieces.emplace_back(*record->tail);
    if (size > filled) pieces.emplace_back(zeros, size - filled);
    at += size;
  }
  TRY(file_->write(end_, pieces));
  end_ = at;
  return {};
}

Result<> SegmentWriter::cut_to_end() {
  reserved_ = end_;
  return file_->truncate(end_);
}

Result<> SegmentWriter::sync() {
  TRY(file_->sync());
  durable_ = end_;
  return {};
}

}  // namespace postern
