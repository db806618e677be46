// received_line.h — one Received field read as a handover from one host to the next.
//
// Message/Metadata/Received.pm of SpamAssassin 4.0.1, parse_received_line: some 90 formats, of
// which a field is tried against the few that its words allow. Bounded by the limit of a field's
// value, 8192 octets.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "rules/headers/relays.h"

namespace postern {

struct ReceivedLine {
  enum class Meaning : std::uint8_t { hop, ignored, fetched, unparseable };
  Meaning meaning = Meaning::unparseable;
  Relay relay;  // of a hop
  /// qmail-scanner's field, itself ignored, knows the envelope sender of the hop below it.
  std::optional<std::string> sender_of_next;
};

/// `value` is unfolded and decoded.
ReceivedLine read_received(std::string_view value);

/// Compiles all formats, which read_received() else does at its first call: loading rules calls it,
/// since where messages are scanned nothing may be compiled to native code.
void prepare_received_formats();

}  // namespace postern
