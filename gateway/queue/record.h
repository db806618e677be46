// record.h — the frame around everything in the log, and the header of a segment.
//
// FORMAT.md has the octets and the reasons. Short: a record is a header of 44 octets, a head (its
// fields) and a tail (the message, for accept and collected), padded to 8. Header, head and tail
// have a checksum each, so that an envelope can be read and trusted without reading the message.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace postern {

constexpr std::uint32_t format_version = 2;  // what is written
constexpr std::uint32_t oldest_version = 1;  // that is read
constexpr std::size_t record_header_size = 44;
constexpr std::size_t record_alignment = 8;
/// Envelopes above this are refused: 1000 recipients with the longest addresses need 1 MiB.
constexpr std::size_t largest_head = 16U << 20;

enum class RecordType : std::uint8_t { accept = 1, progress = 2, done = 3, collected = 4 };

struct RecordHeader {
  RecordType type = RecordType::accept;
  std::uint32_t head_length = 0;
  std::uint32_t tail_length = 0;
  std::uint32_t head_crc = 0;
  std::uint32_t tail_crc = 0;
  /// Counts records; strictly increasing within a segment.
  std::uint64_t sequence = 0;
  /// So much of this segment was on stable storage when the record was written. Damage below it
  /// is damage; above it may be what a crash left of a batch that was never acknowledged.
  std::uint32_t durable = 0;

  std::uint64_t size() const;  // of the whole record on disk, padding included
};

/// Writes the header into the first octets of `record`, which has room for it there.
void put_record_header(std::string& record, const RecordHeader& header, std::uint64_t salt);
/// Nothing where the octets are no header of a record of this segment.
std::optional<RecordHeader> parse_record_header(std::string_view octets, std::uint64_t salt);

/// A segment begins with two copies of this, in different blocks of 4 KiB.
struct SegmentHeader {
  std::uint64_t number = 0;
  /// Random; begins each record. A message cannot contain what would pass for a record, since
  /// nobody outside knows the number.
  std::uint64_t salt = 0;
  /// The segment written before this one, and how much of it had been synced when it was left.
  std::uint64_t previous = 0;
  std::uint32_t previous_durable = 0;
};

constexpr std::size_t segment_header_size = 48;
constexpr std::size_t segment_copy_offset = 4096;
constexpr std::uint32_t first_record_offset = 8192;

/// All octets before the first record.
std::string encode_segment_header(const SegmentHeader& header);

enum class SegmentHeaderState { good, damaged, unknown_version };
struct ParsedSegmentHeader {
  SegmentHeaderState state = SegmentHeaderState::damaged;
  SegmentHeader header;
  std::uint32_t version = 0;
};
/// `octets`: the beginning of the file, as much as there is. The better copy counts.
ParsedSegmentHeader parse_segment_header(std::string_view octets);

/// "log/00000000000000ab.seg"
std::string segment_path(std::uint32_t number);
/// The number in a file name of log/, or nothing for a name that is not ours.
std::optional<std::uint32_t> parse_segment_name(std::string_view name);

}  // namespace postern
