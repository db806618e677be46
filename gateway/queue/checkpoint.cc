#include "gateway/queue/checkpoint.h"

#include <string_view>

#include "gateway/base/bytes.h"
#include "gateway/queue/checkpoint_entry.h"
#include "gateway/queue/octets.h"

namespace postern {

namespace {

constexpr std::string_view magic = "POSTIDX\n";
constexpr std::uint32_t version = 1;
constexpr std::size_t header_size = 72;
constexpr std::size_t at_checksum = 68;
constexpr std::size_t piece_header = 8;
constexpr std::size_t segment_octets = 16;
constexpr std::size_t least_message_octets = 56;
/// Written and synced at once: small, so that the log's own sync does not wait long behind it.
constexpr std::size_t piece_size = 1U << 20;
/// A single message with the longest head of all, and then some.
constexpr std::size_t largest_piece = 64U << 20;

struct Header {
  LogPosition position;
  std::uint64_t messages = 0;
  std::uint64_t size = 0;
  std::uint32_t content_crc = 0;  // of the payload of all pieces
};

std::string encode_header(const Header& header) {
  std::string out(magic);
  OctetWriter to(out);
  to.number(version);
  to.number(header.position.segment);
  to.number(header.position.offset);
  to.number(header.position.next_sequence);
  to.number(header.position.last_id.value);
  to.number(header.messages);
  to.number(header.size);
  to.number(static_cast<std::uint32_t>(header.position.segments.size()));
  to.number(header.content_crc);
  out.resize(at_checksum);
  to.number(crc32c(out));
  return out;
}

std::string encode_segments(const LogPosition& position) {
  std::string out;
  OctetWriter to(out);
  for (const auto& segment : position.segments) {
    to.number(segment.number);
    to.number(segment.salt);
    to.number(segment.durable);
  }
  return out;
}

class Writer {
 public:
  Writer(Disk& disk, const Index& index, const CheckpointSteps& steps)
      : disk_(disk), index_(index), steps_(steps) {}

  Result<std::uint64_t> write(const LogPosition& position) {
    // What a crash left half-written.
    static_cast<void>(disk_.remove(unfinished_checkpoint_path));
    auto written = write_file(position);
    if (written) written = steps_.wait_for_log();
    if (written) written = put_in_place();
    if (!written) {
      static_cast<void>(disk_.remove(unfinished_checkpoint_path));
      return std::unexpected(std::move(written).error());
    }
    return header_.size;
  }

 private:
  Result<> write_file(const LogPosition& position) {
    TRY(file_, disk_.create(unfinished_checkpoint_path));
    header_.position = position;
    header_.size = header_size;
    TRY(piece(encode_segments(position)));

    Index::Walk walk(index_);
    CheckpointEncoder encoder;
    std::string octets;
    for (bool more = true; more;) {
      more = walk.step([&](const Index::Known& known) {
        encoder.add(known, octets);
        ++header_.messages;
      });
      if (octets.size() < piece_size && more) continue;
      TRY(piece(octets));
      octets.clear();
    }
    const auto header = encode_header(header_);
    const std::string_view pieces[] = {header};
    TRY(file_->write(0, pieces));
    return file_->sync();
  }

  Result<> piece(std::string_view octets) {
    std::string start;
    OctetWriter to(start);
    to.number(static_cast<std::uint32_t>(octets.size()));
    header_.content_crc = crc32c(octets, header_.content_crc);
    to.number(header_.content_crc);
    const std::string_view pieces[] = {start, octets};
    TRY(file_->write(header_.size, pieces));
    TRY(file_->sync());
    header_.size += start.size() + octets.size();
    if (!steps_.pause(start.size() + octets.size()))
      return fail(std::errc::operation_canceled, "the spool is being closed");
    return {};
  }

  Result<> put_in_place() {
    TRY(disk_.rename(unfinished_checkpoint_path, checkpoint_path));
    return disk_.sync_directory(".");
  }

  Disk& disk_;
  const Index& index_;
  const CheckpointSteps& steps_;
  std::unique_ptr<DiskFile> file_;
  Header header_;
};

std::unexpected<Error> wrong(std::string what) {
  return fail(std::errc::illegal_byte_sequence, std::move(what));
}

Result<Header> parse_header(std::string_view octets) {
  if (octets.size() < header_size || !octets.starts_with(magic)) return wrong("no header");
  // The checksum first: where it is right, so is the version.
  if (get_number<std::uint32_t>(octets.data() + at_checksum) !=
      crc32c(octets.substr(0, at_checksum)))
    return wrong("the header's checksum is wrong");
  OctetReader from(octets.substr(magic.size()));
  if (const auto found = from.number<std::uint32_t>(); found != version)
    return fail(std::errc::not_supported, "unknown version " + std::to_string(found));
  Header header;
  header.position.segment = from.number<std::uint32_t>();
  header.position.offset = from.number<std::uint64_t>();
  header.position.next_sequence = from.number<std::uint64_t>();
  header.position.last_id = {from.number<std::uint64_t>()};
  header.messages = from.number<std::uint64_t>();
  header.size = from.number<std::uint64_t>();
  const auto segments = from.number<std::uint32_t>();
  header.content_crc = from.number<std::uint32_t>();
  const bool possible = segments <= header.size / segment_octets &&
                        header.messages <= header.size / least_message_octets;
  if (!from.good() || !possible) return wrong("the header makes no sense");
  header.position.segments.resize(segments);
  return header;
}

class Reader {
 public:
  Reader(Disk& disk, Index& index) : disk_(disk), index_(index) {}

  Result<Checkpoint> read() {
    TRY(file_, disk_.open(checkpoint_path));
    TRY(const auto size, file_->size());
    TRY(const auto octets, file_->read(0, header_size));
    TRY(header_, parse_header(octets));
    if (header_.size != size) return wrong("the size is wrong");
    offset_ = header_size;
    TRY(read_segments());
    // With two texts of its own each.
    index_.expect(header_.messages, header_.messages * 2);
    TRY(read_messages());
    return Checkpoint{std::move(header_.position), header_.messages, header_.size};
  }

 private:
  Result<> read_segments() {
    TRY(const auto octets, piece());
    OctetReader from(octets);
    for (auto& segment : header_.position.segments) {
      segment.number = from.number<std::uint32_t>();
      segment.salt = from.number<std::uint64_t>();
      segment.durable = from.number<std::uint32_t>();
    }
    return from.good() && from.at_end() ? Result<>() : wrong("the list of segments is wrong");
  }

  Result<> read_messages() {
    CheckpointDecoder decoder(index_);
    while (offset_ < header_.size) {
      TRY(const auto octets, piece());
      if (!decoder.take(octets)) return wrong("a message makes no sense");
    }
    const bool whole = crc_ == header_.content_crc && index_.size() == header_.messages;
    return whole ? Result<>() : wrong("some messages are missing");
  }

  Result<std::string> piece() {
    TRY(const auto start, file_->read(offset_, piece_header));
    OctetReader from(start);
    const auto size = from.number<std::uint32_t>(largest_piece);
    const auto crc = from.number<std::uint32_t>();
    if (!from.good() || size > header_.size - offset_) return wrong("a piece is cut short");
    TRY(auto octets, file_->read(offset_ + piece_header, size));
    crc_ = crc32c(octets, crc_);
    if (octets.size() != size || crc_ != crc) return wrong("a piece's checksum is wrong");
    offset_ += piece_header + size;
    return octets;
  }

  Disk& disk_;
  Index& index_;
  std::unique_ptr<DiskFile> file_;
  Header header_;
  std::uint64_t offset_ = 0;
  std::uint32_t crc_ = 0;
};

}  // namespace

Result<std::uint64_t> write_checkpoint(Disk& disk, const Index& index, const LogPosition& position,
                                       const CheckpointSteps& steps) {
  return Writer(disk, index, steps).write(position);
}

Result<Checkpoint> read_checkpoint(Disk& disk, Index& index) {
  auto read = Reader(disk, index).read();
  if (!read) index.clear();
  return read;
}

}  // namespace postern
