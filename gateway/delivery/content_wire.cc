#include "gateway/delivery/content_wire.h"

namespace postern {
namespace {

// Up to here octets are gathered before they are written; above, a system call a stretch is cheap
// against the copy.
constexpr std::size_t gather = 64 << 10;
// The deadline is renewed after each such stretch: it must not depend on the message's size.
constexpr std::size_t stretch = 1 << 20;

/// Where the octets that go out unchanged end: behind the next CRLF that a dot follows. Dots are
/// rarer than lines.
std::size_t plain_length(std::string_view octets) {
  for (std::size_t at = octets.find('.'); at != std::string_view::npos;
       at = octets.find('.', at + 1)) {
    if (at >= 2 && octets[at - 1] == '\n' && octets[at - 2] == '\r') return at;
  }
  return octets.size();
}

/// For what is gathered anyway: nothing is waited for.
void write_piece(Stream& stream, std::string_view octets) {
  while (!octets.empty()) {
    if (octets.front() == '.') stream.write(".");
    const std::size_t length = plain_length(octets);
    stream.write(octets.substr(0, length));
    octets.remove_prefix(length);
  }
}

SteadyTime after(Stream& stream, milliseconds patience) {
  return stream.socket().loop().now() + patience;
}

Task<Result<>> send_plain(Stream& stream, std::string_view octets, milliseconds patience) {
  while (octets.size() > gather) {
    const std::string_view head = octets.substr(0, stretch);
    CO_TRY(co_await stream.send(head, after(stream, patience)));
    octets.remove_prefix(head.size());
  }
  stream.write(octets);
  if (stream.unsent() > gather) co_return co_await stream.flush(after(stream, patience));
  co_return Result<>{};
}

Task<Result<>> send_piece(Stream& stream, std::string_view octets, milliseconds patience) {
  while (!octets.empty()) {
    if (octets.front() == '.') stream.write(".");
    const std::size_t length = plain_length(octets);
    CO_TRY(co_await send_plain(stream, octets.substr(0, length), patience));
    octets.remove_prefix(length);
  }
  co_return Result<>{};
}

}  // namespace

// Branch-free, so that the compiler makes vectors of it: this runs over every octet that leaves.
ContentFacts examine(std::string_view octets) {
  const auto* const data = reinterpret_cast<const unsigned char*>(octets.data());
  const std::size_t size = octets.size();
  if (size == 0) return {};
  unsigned char all = data[0];
  unsigned char parted = data[0] == '\n' || data[size - 1] == '\r' ? 1 : 0;
  for (std::size_t i = 1; i < size; ++i) {
    all = static_cast<unsigned char>(all | data[i]);
    parted = static_cast<unsigned char>(parted | (static_cast<unsigned char>(data[i - 1] == '\r') ^
                                                  static_cast<unsigned char>(data[i] == '\n')));
  }
  return {parted == 0, (all & 0x80) != 0};
}

bool has_8bit_header(std::string_view prefix, std::string_view body) {
  if (examine(prefix).eight_bit) return true;
  if (body.starts_with("\r\n")) return false;
  return examine(body.substr(0, body.find("\r\n\r\n"))).eight_bit;
}

Task<Result<>> send_content(Stream& stream, std::span<const std::string_view> pieces,
                            milliseconds patience, bool& dot_sent) {
  bool ended = true;
  for (const std::string_view piece : pieces) {
    if (stream.unsent() + piece.size() <= gather) {
      write_piece(stream, piece);
    } else {
      CO_TRY(co_await send_piece(stream, piece, patience));
    }
    if (!piece.empty()) ended = piece.ends_with("\r\n");
  }
  stream.write(ended ? ".\r\n" : "\r\n.\r\n");
  dot_sent = true;
  co_return co_await stream.flush(after(stream, patience));
}

}  // namespace postern
