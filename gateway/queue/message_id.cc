#include "gateway/queue/message_id.h"

#include <algorithm>

namespace postern {

namespace {

// In the order of ASCII, so that texts sort like numbers; without i, l, o and u, which people
// misread or mishear.
constexpr std::string_view alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
constexpr std::size_t text_size = 13;  // 12 characters of 5 bits after one of 4
constexpr unsigned node_bits = 12;
constexpr std::uint64_t node_mask = (1U << node_bits) - 1;

}  // namespace

std::string MessageId::text() const {
  std::string out(text_size, '0');
  std::uint64_t rest = value;
  for (std::size_t i = text_size; i-- > 0; rest >>= 5) out[i] = alphabet[rest & 31];
  return out;
}

std::optional<MessageId> MessageId::parse(std::string_view text) {
  if (text.size() != text_size) return std::nullopt;
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < text_size; ++i) {
    const auto digit = alphabet.find(text[i]);
    if (digit == std::string_view::npos || (i == 0 && digit > 15)) return std::nullopt;
    value = value << 5 | digit;
  }
  return MessageId{value};
}

MessageIdSource::MessageIdSource(const Clock& clock, std::uint16_t node)
    : clock_(clock), node_(static_cast<std::uint16_t>(node & node_mask)) {}

void MessageIdSource::not_before(MessageId id) {
  const std::uint64_t seen = id.value >> node_bits;
  std::uint64_t last = last_.load();
  while (last < seen && !last_.compare_exchange_weak(last, seen)) {
  }
}

MessageId MessageIdSource::next() {
  // A clock before 1970 would give a huge number; then the ids just count on from the last one.
  const auto since_epoch = clock_.wall().time_since_epoch().count();
  const auto now = static_cast<std::uint64_t>(std::max<decltype(since_epoch)>(since_epoch, 0));
  std::uint64_t last = last_.load();
  std::uint64_t time = 0;
  do {
    time = std::max(now, last + 1);
  } while (!last_.compare_exchange_weak(last, time));
  return MessageId{time << node_bits | node_};
}

}  // namespace postern
