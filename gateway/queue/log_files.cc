#include "gateway/queue/log_files.h"

#include "gateway/base/bytes.h"
#include "gateway/queue/octets.h"
#include "gateway/queue/record.h"

namespace postern {

namespace {

/// Descriptors are needed for mail too: with 64 MiB segments this covers 8 GiB of queue.
constexpr std::size_t most_open = 128;

std::unexpected<Error> damaged(const Location& location, std::string_view what) {
  return fail(std::errc::illegal_byte_sequence, segment_path(location.segment) + " at " +
                                                    std::to_string(location.offset) + ": " +
                                                    std::string(what));
}

}  // namespace

void LogFiles::add(std::uint32_t segment, std::shared_ptr<const DiskFile> file) {
  const std::lock_guard lock(mutex_);
  if (segment < first_) return;
  files_[segment] = std::move(file);
  // The oldest go first: most reads are of fresh mail.
  if (files_.size() > most_open) files_.erase(files_.begin());
}

void LogFiles::forget(std::uint32_t segment) {
  const std::lock_guard lock(mutex_);
  first_ = segment + 1;
  files_.erase(files_.begin(), files_.lower_bound(first_));
}

Result<std::shared_ptr<const DiskFile>> LogFiles::file(std::uint32_t segment) {
  {
    const std::lock_guard lock(mutex_);
    if (const auto known = files_.find(segment); known != files_.end()) return known->second;
  }
  TRY(auto opened, disk_.open(segment_path(segment)));
  std::shared_ptr<const DiskFile> shared = std::move(opened);
  add(segment, shared);
  return shared;
}

Result<AcceptHead> LogFiles::read_head(const Location& location) {
  TRY(const auto from, file(location.segment));
  TRY(const auto octets, from->read(location.offset, record_header_size + location.head_length));
  if (octets.size() < record_header_size + location.head_length)
    return damaged(location, "cut short");
  // The index knows that a record of this segment begins here, so its salt proves nothing more.
  const auto header = parse_record_header(octets, get_number<std::uint64_t>(octets.data()));
  const auto head = std::string_view(octets).substr(record_header_size);
  if (!header || header->head_length != head.size() || header->head_crc != crc32c(head)) {
    return damaged(location, "the envelope's checksum is wrong");
  }
  auto decoded = decode_accept(head);
  if (!decoded) return damaged(location, "this is no envelope");
  return *std::move(decoded);
}

Result<Content> LogFiles::read_tail(const Location& location, std::uint32_t crc) {
  TRY(const auto from, file(location.segment));
  const auto offset = std::uint64_t{location.offset} + record_header_size + location.head_length;
  TRY(auto octets, from->read(offset, location.tail_length));
  if (octets.size() != location.tail_length || crc32c(octets) != crc) {
    return damaged(location, "the message's checksum is wrong");
  }
  return std::make_shared<const std::string>(std::move(octets));
}

}  // namespace postern
