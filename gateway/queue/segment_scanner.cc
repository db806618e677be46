#include "gateway/queue/segment_scanner.h"

#include <algorithm>

#include "gateway/base/bytes.h"
#include "gateway/queue/octets.h"

namespace postern {

namespace {
constexpr std::uint64_t window_size = 1U << 20;
constexpr std::uint64_t block_size = 4096;  // what a disk loses at once
}  // namespace

std::optional<Scanned> SegmentScanner::next() {
  if (offset_ >= size_) return std::nullopt;
  const auto header = parse_record_header(view(offset_, record_header_size), salt_);
  // A record that reaches beyond the file is torn, or its length lies: look for the next one.
  if (header && header->size() <= size_ - offset_) return take(header->size(), header);
  return take(find_header(offset_ + record_alignment) - offset_, std::nullopt);
}

Scanned SegmentScanner::take(std::uint64_t size, const std::optional<RecordHeader>& header) {
  Scanned out;
  out.offset = offset_;
  out.size = size;
  offset_ += size;
  if (!header) return out;
  const auto octets = view(out.offset, size);
  out.header = *header;
  out.head = octets.substr(record_header_size, header->head_length);
  out.tail = octets.substr(record_header_size + header->head_length, header->tail_length);
  out.good = crc32c(out.head) == header->head_crc && crc32c(out.tail) == header->tail_crc;
  return out;
}

std::uint64_t SegmentScanner::find_header(std::uint64_t from) {
  for (std::uint64_t at = from; at + record_header_size <= size_;) {
    const auto octets = view(at, std::min(window_size, size_ - at));
    std::size_t i = 0;
    for (; i + record_header_size <= octets.size(); i += record_alignment) {
      if (get_number<std::uint64_t>(octets.data() + i) != salt_) continue;
      if (parse_record_header(octets.substr(i), salt_)) return at + i;
    }
    at += i;
  }
  return size_;
}

std::string_view SegmentScanner::view(std::uint64_t offset, std::uint64_t length) {
  length = std::min(length, size_ - offset);
  const bool held = offset >= window_offset_ && offset + length <= window_offset_ + window_.size();
  if (!held) {
    const auto wanted = std::min(std::max(length, window_size), size_ - offset);
    auto read = file_.read(offset, wanted);
    window_offset_ = offset;
    if (read) {
      window_ = *std::move(read);
      window_.resize(wanted);
    } else {
      read_by_blocks(offset, wanted);
    }
  }
  return std::string_view(window_).substr(offset - window_offset_, length);
}

void SegmentScanner::read_by_blocks(std::uint64_t offset, std::uint64_t length) {
  read_failed_ = true;
  window_.assign(length, '\0');
  for (std::uint64_t at = offset; at < offset + length;) {
    const auto end = std::min((at / block_size + 1) * block_size, offset + length);
    if (const auto read = file_.read(at, end - at))
      window_.replace(at - offset, read->size(), *read);
    at = end;
  }
}

}  // namespace postern
