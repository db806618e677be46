// message_id.h — a name for a message: long, in order of time, never used twice.
//
// 64 bits: microseconds since 1970 in the upper 52 (good until 2112), the node's number in the
// lower 12, so that gateways never collide. As text 13 characters of lower-case base32 without
// look-alikes, which sort like the numbers. Assigned at MAIL, so that one id names a transaction
// in every log line from there on.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/base/clock.h"

namespace postern {

struct MessageId {
  std::uint64_t value = 0;

  std::string text() const;
  static std::optional<MessageId> parse(std::string_view text);
  auto operator<=>(const MessageId&) const = default;
};

/// Hands out ids; thread-safe. Strictly increasing even when the clock is set back: it goes on
/// from the largest id seen (`not_before`, which recovery reports).
class MessageIdSource {
 public:
  MessageIdSource(const Clock& clock, std::uint16_t node);  // node: 0..4095
  void not_before(MessageId id);
  MessageId next();

 private:
  const Clock& clock_;
  std::uint16_t node_;
  std::atomic<std::uint64_t> last_{0};  // microseconds
};

}  // namespace postern
