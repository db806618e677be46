#include "gateway/queue/record.h"

#include <fmt/format.h>

#include "gateway/base/bytes.h"
#include "gateway/queue/octets.h"

namespace postern {

namespace {

// Places in the header of a record.
constexpr std::size_t at_salt = 0;
constexpr std::size_t at_header_crc = 8;
constexpr std::size_t at_type = 12;  // and three octets of zero
constexpr std::size_t at_head_length = 16;
constexpr std::size_t at_tail_length = 20;
constexpr std::size_t at_head_crc = 24;
constexpr std::size_t at_tail_crc = 28;
constexpr std::size_t at_sequence = 32;
constexpr std::size_t at_durable = 40;

// Places in the header of a segment. Magic, version and checksum stay where they are in every
// version to come, so that an old gateway can say why it refuses.
constexpr std::string_view magic = "POSTERN\n";
constexpr std::size_t at_version = 8;  // and four octets of zero
constexpr std::size_t at_number = 16;
constexpr std::size_t at_segment_salt = 24;
constexpr std::size_t at_previous = 32;
constexpr std::size_t at_previous_durable = 40;
constexpr std::size_t at_segment_crc = 44;

constexpr std::string_view suffix = ".seg";
constexpr std::size_t name_digits = 16;

std::uint32_t header_crc(std::string_view header) {
  return crc32c(header.substr(at_type, record_header_size - at_type));
}

ParsedSegmentHeader parse_copy(std::string_view octets) {
  ParsedSegmentHeader out;
  if (octets.size() < segment_header_size || !octets.starts_with(magic)) return out;
  const char* at = octets.data();
  if (get_number<std::uint32_t>(at + at_segment_crc) != crc32c(octets.substr(0, at_segment_crc)))
    return out;
  out.version = get_number<std::uint32_t>(at + at_version);
  out.state = SegmentHeaderState::unknown_version;
  if (out.version < oldest_version || out.version > format_version) return out;
  out.state = SegmentHeaderState::good;
  out.header.number = get_number<std::uint64_t>(at + at_number);
  out.header.salt = get_number<std::uint64_t>(at + at_segment_salt);
  out.header.previous = get_number<std::uint64_t>(at + at_previous);
  out.header.previous_durable = get_number<std::uint32_t>(at + at_previous_durable);
  return out;
}

}  // namespace

std::uint64_t RecordHeader::size() const {
  const std::uint64_t octets = record_header_size + std::uint64_t{head_length} + tail_length;
  return (octets + record_alignment - 1) / record_alignment * record_alignment;
}

void put_record_header(std::string& record, const RecordHeader& header, std::uint64_t salt) {
  char* at = record.data();
  put_number(at + at_salt, salt);
  put_number(at + at_type, static_cast<std::uint32_t>(header.type));
  put_number(at + at_head_length, header.head_length);
  put_number(at + at_tail_length, header.tail_length);
  put_number(at + at_head_crc, header.head_crc);
  put_number(at + at_tail_crc, header.tail_crc);
  put_number(at + at_sequence, header.sequence);
  put_number(at + at_durable, header.durable);
  put_number(at + at_header_crc, header_crc(record));
}

std::optional<RecordHeader> parse_record_header(std::string_view octets, std::uint64_t salt) {
  if (octets.size() < record_header_size) return std::nullopt;
  const char* at = octets.data();
  if (get_number<std::uint64_t>(at + at_salt) != salt) return std::nullopt;
  if (get_number<std::uint32_t>(at + at_header_crc) != header_crc(octets)) return std::nullopt;
  const auto type = get_number<std::uint32_t>(at + at_type);
  if (type < 1 || type > 4) return std::nullopt;
  return RecordHeader{static_cast<RecordType>(type),
                      get_number<std::uint32_t>(at + at_head_length),
                      get_number<std::uint32_t>(at + at_tail_length),
                      get_number<std::uint32_t>(at + at_head_crc),
                      get_number<std::uint32_t>(at + at_tail_crc),
                      get_number<std::uint64_t>(at + at_sequence),
                      get_number<std::uint32_t>(at + at_durable)};
}

std::string encode_segment_header(const SegmentHeader& header) {
  std::string copy(segment_header_size, '\0');
  copy.replace(0, magic.size(), magic);
  put_number(copy.data() + at_version, format_version);
  put_number(copy.data() + at_number, header.number);
  put_number(copy.data() + at_segment_salt, header.salt);
  put_number(copy.data() + at_previous, header.previous);
  put_number(copy.data() + at_previous_durable, header.previous_durable);
  put_number(copy.data() + at_segment_crc,
             crc32c(std::string_view(copy).substr(0, at_segment_crc)));

  std::string out(first_record_offset, '\0');
  out.replace(0, copy.size(), copy);
  out.replace(segment_copy_offset, copy.size(), copy);
  return out;
}

ParsedSegmentHeader parse_segment_header(std::string_view octets) {
  const auto first = parse_copy(octets);
  if (first.state != SegmentHeaderState::damaged || octets.size() <= segment_copy_offset)
    return first;
  return parse_copy(octets.substr(segment_copy_offset));
}

std::string segment_path(std::uint32_t number) {
  return fmt::format("log/{:016x}{}", number, suffix);
}

std::optional<std::uint32_t> parse_segment_name(std::string_view name) {
  if (name.size() != name_digits + suffix.size() || !name.ends_with(suffix)) return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : name.substr(0, name_digits)) {
    const bool letter = c >= 'a' && c <= 'f';
    if ((!is_digit(c) && !letter) || value >> 28 != 0) return std::nullopt;
    value = value << 4 | static_cast<unsigned>(letter ? c - 'a' + 10 : c - '0');
  }
  return static_cast<std::uint32_t>(value);
}

}  // namespace postern
