// frame.h — what travels between the gateway, the zygotes and the workers.
//
// A frame is a header of fixed size and a body. On a worker's channel (a stream socket) one
// question is outstanding at a time: the gateway sends `ask`, the worker replies `answer` or
// `failure` with the same id, a random number that no other question has. Before that it may ask
// for DNS: any number of `lookup` frames with that id, each answered by `records` (lookup.h),
// and of `digest_lookup` frames, each answered by `digest_count` (digest_lookup.h). On a
// zygote's control
// channel (sequenced packets) each packet is one frame: `start` with the descriptor of a new
// worker's channel, and `kill`; their id is the gateway's name for the worker. Both ends begin by
// saying `ready`.
//
// The worker's side is believed nothing: a frame of a wrong kind, size or id, or a single octet
// behind the expected end, and the worker is killed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/base/clock.h"
#include "gateway/base/result.h"

namespace postern {

enum class FrameKind : std::uint8_t {
  ready = 1,
  ask,
  answer,
  failure,
  start,
  kill,
  lookup,
  records,
  digest_lookup,
  digest_count
};

/// The worker ends after this frame, by its own will: it has lived long enough.
constexpr std::uint8_t frame_is_last = 1;

struct FrameHeader {
  FrameKind kind = FrameKind::ready;
  std::uint8_t flags = 0;
  std::uint64_t id = 0;
  std::uint32_t size = 0;  // of the body
  SteadyTime deadline{};   // all processes of a machine share the steady clock
};

struct Frame {
  FrameHeader header;
  std::string body;
};

constexpr std::size_t frame_header_size = 32;
/// Evidence with a thousand recipients and an inline message stay well below.
constexpr std::size_t largest_ask = 4U << 20;
constexpr std::size_t largest_answer = 12U << 20;
/// Up to here a message's octets travel in the frame. Above, creating and passing a memfd is
/// cheaper than two copies through the socket, which crosses over at some 64 KiB.
constexpr std::size_t largest_inline = 64U << 10;

std::string encode_frame(FrameHeader header, std::string_view body);
/// `octets` are frame_header_size octets. `largest` bounds the body.
Result<FrameHeader> decode_header(std::string_view octets, std::size_t largest);

/// Gathers frames from octets as they come.
class FrameReader {
 public:
  explicit FrameReader(std::size_t largest) : largest_(largest) {}
  void feed(std::string_view octets) { gathered_ += octets; }
  /// The next frame when it is complete. An error: no frame, or too large.
  Result<std::optional<Frame>> take();
  /// Nothing stands behind the last frame.
  bool empty() const { return gathered_.empty(); }

 private:
  std::size_t largest_;
  std::string gathered_;
  std::optional<FrameHeader> header_;
};

/// What a worker says of itself when it is confined and ready to serve.
struct ReadyNote {
  std::uint32_t pid = 0;  // for people and tests; never signalled by this number
  std::string sandbox;    // the layers that hold: "no_new_privs landlock7 seccomp uid=997"
};
std::string encode_ready(const ReadyNote& note);
Result<ReadyNote> decode_ready(std::string_view body);

}  // namespace postern
