// payload.h — what stands in the head of each type of record: fields to octets and back.
//
// Encoders return the beginning of a record: room for its header, then the head. Decoders take
// the head alone, and give nothing for octets that no encoder could have written. What version 2
// of the format added is announced by bits that version 1 never set, so that one decoder does for
// both.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/queue/envelope.h"
#include "gateway/queue/spool.h"

namespace postern {

/// The head of accept and collected.
struct AcceptHead {
  Envelope envelope;
  std::uint32_t content_crc = 0;
  bool own_file = false;  // the content is in content/ID instead of the record's tail
};

/// `content_size` counts, not the envelope's own.
std::string encode_accept(const Envelope& envelope, std::uint64_t content_size,
                          std::uint32_t content_crc, bool own_file);
std::optional<AcceptHead> decode_accept(std::string_view head);

std::string encode_progress(const Progress& progress);
std::optional<Progress> decode_progress(std::string_view head);

std::string encode_done(MessageId id);
std::optional<MessageId> decode_done(std::string_view head);

}  // namespace postern
