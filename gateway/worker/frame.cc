#include "gateway/worker/frame.h"

#include <utility>

#include "gateway/base/bytes.h"
#include "gateway/worker/wire.h"

namespace postern {
namespace {

constexpr std::uint32_t magic = 0x4e545350;  // "PSTN"
constexpr std::size_t longest_sandbox_text = 200;

std::unexpected<Error> garbled(std::string what) {
  return fail(std::errc::bad_message, "frame: " + std::move(what));
}

}  // namespace

std::string encode_frame(FrameHeader header, std::string_view body) {
  WireWriter out;
  out.u32(magic);
  out.u8(static_cast<std::uint8_t>(header.kind));
  out.u8(header.flags);
  out.u16(0);
  out.u64(header.id);
  out.u32(static_cast<std::uint32_t>(body.size()));
  out.u32(0);
  out.u64(static_cast<std::uint64_t>(header.deadline.time_since_epoch().count()));
  std::string octets = out.take();
  octets += body;
  return octets;
}

Result<FrameHeader> decode_header(std::string_view octets, std::size_t largest) {
  WireReader in(octets);
  const std::uint32_t mark = in.u32();
  const std::uint8_t kind = in.u8();
  FrameHeader header;
  header.flags = in.u8_up_to(frame_is_last);
  const std::uint16_t reserved = in.u16();
  header.id = in.u64();
  header.size = in.u32();
  const std::uint32_t reserved_too = in.u32();
  header.deadline = SteadyTime(SteadyTime::duration(static_cast<std::int64_t>(in.u64())));
  if (!in.complete() || mark != magic || reserved != 0 || reserved_too != 0) {
    return garbled("no header of ours");
  }
  if (kind < static_cast<std::uint8_t>(FrameKind::ready) ||
      kind > static_cast<std::uint8_t>(FrameKind::digest_count)) {
    return garbled("unknown kind " + std::to_string(kind));
  }
  header.kind = static_cast<FrameKind>(kind);
  if (header.size > largest) return garbled("a body of " + std::to_string(header.size) + " octets");
  return header;
}

Result<std::optional<Frame>> FrameReader::take() {
  if (!header_ && gathered_.size() >= frame_header_size) {
    TRY(header_, decode_header(std::string_view(gathered_).substr(0, frame_header_size), largest_));
  }
  if (!header_) return std::optional<Frame>{};
  const std::size_t whole = frame_header_size + header_->size;
  if (gathered_.size() < whole) return std::optional<Frame>{};
  Frame frame{*header_, gathered_.substr(frame_header_size, header_->size)};
  header_.reset();
  gathered_.erase(0, whole);
  return std::optional(std::move(frame));
}

std::string encode_ready(const ReadyNote& note) {
  WireWriter out;
  out.u32(note.pid);
  out.text(std::string_view(note.sandbox).substr(0, longest_sandbox_text));
  return out.take();
}

Result<ReadyNote> decode_ready(std::string_view body) {
  WireReader in(body);
  ReadyNote note;
  note.pid = in.u32();
  note.sandbox = printable(in.text(longest_sandbox_text));
  if (!in.complete()) return garbled("not a ready note");
  return note;
}

}  // namespace postern
