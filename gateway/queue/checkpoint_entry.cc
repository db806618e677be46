#include "gateway/queue/checkpoint_entry.h"

namespace postern {

namespace {

constexpr std::uint8_t flag_own_file = 1;
constexpr std::uint8_t flag_delay_notice_sent = 2;
constexpr std::uint8_t all_flags = 3;

enum class Kind : std::uint8_t {
  empty,
  own,    // the text
  first,  // its number, the text
  again,  // its number alone
};
constexpr auto last_kind = static_cast<std::uint8_t>(Kind::again);

std::uint32_t seconds_of(WallTime time) {
  const auto whole = std::chrono::floor<std::chrono::seconds>(time.time_since_epoch());
  return static_cast<std::uint32_t>(whole.count());
}

WallTime get_time(OctetReader& from) {
  return WallTime(std::chrono::seconds(from.number<std::uint32_t>()));
}

}  // namespace

void CheckpointEncoder::add(const Index::Known& known, std::string& out) {
  OctetWriter to(out);
  to.number(known.id.value);
  to.number(seconds_of(known.arrival));  // the index has no more than seconds
  to.number(seconds_of(known.next_attempt));
  to.number(known.attempts);
  to.number(static_cast<std::uint8_t>((known.own_file ? flag_own_file : 0) |
                                      (known.delay_notice_sent ? flag_delay_notice_sent : 0)));
  to.number(known.size);
  to.number(known.location.segment);
  to.number(known.location.offset);
  to.number(known.location.head_length);
  for (const auto* each : {&known.sender, &known.client, &known.recipients, &known.last_reply,
                           &known.hold, &known.route}) {
    text(*each, to);
  }
  const auto count = known.states.count();
  to.number(count);
  for (std::uint32_t i = 0; i < count; i += 4) {
    std::uint8_t four = 0;
    RecipientStates states(&four, 4);
    for (std::uint32_t k = 0; k < 4 && i + k < count; ++k) states.set(k, known.states.at(i + k));
    to.number(four);
  }
}

void CheckpointEncoder::text(const Index::Text& text, OctetWriter& to) {
  const auto kind = [&to](Kind kind) { to.number(static_cast<std::uint8_t>(kind)); };
  if (text.octets.empty()) return kind(Kind::empty);
  if (text.number < written_.size() && written_[text.number]) {
    kind(Kind::again);
    return to.number(text.number);
  }
  kind(text.shared ? Kind::first : Kind::own);
  if (text.shared) {
    to.number(text.number);
    if (text.number >= written_.size()) written_.resize(std::size_t{text.number} + 4096);
    written_[text.number] = true;
  }
  to.text(text.octets);
}

bool CheckpointDecoder::take(std::string_view octets) {
  OctetReader from(octets);
  while (!from.at_end()) {
    if (!take_one(from)) return false;
    if (batch_.size() == batch) put();
  }
  put();
  return true;
}

void CheckpointDecoder::put() {
  index_.put(batch_);
  batch_.clear();
}

bool CheckpointDecoder::take_one(OctetReader& from) {
  const MessageId id{from.number<std::uint64_t>()};
  const auto arrival = get_time(from);
  const auto next_attempt = get_time(from);
  const auto attempts = from.number<std::uint32_t>();
  const auto flags = from.number<std::uint8_t>(all_flags);
  const auto size = from.number<std::uint64_t>(Index::largest_content);
  Location location;
  location.segment = from.number<std::uint32_t>();
  location.offset = from.number<std::uint32_t>();
  location.head_length = from.number<std::uint32_t>(Index::longest_head);
  const bool own_file = (flags & flag_own_file) != 0;
  if (!own_file) location.tail_length = static_cast<std::uint32_t>(size);

  std::array<std::string_view, 6> texts;
  for (auto& each : texts) each = text(from);
  const auto [sender, client, recipients, last_reply, hold, route] = texts;
  const auto count = from.count_of_quarters();
  std::string& packed = states_[batch_.size()];
  packed = from.octets(RecipientStates::octets_for(count));
  if (!good_ || !from.good() || count == 0) return false;
  const RecipientStates states(reinterpret_cast<std::uint8_t*>(packed.data()), count);
  batch_.push_back({id,
                    arrival,
                    next_attempt,
                    size,
                    attempts,
                    own_file,
                    (flags & flag_delay_notice_sent) != 0,
                    location,
                    {sender},
                    {client},
                    {last_reply},
                    {hold},
                    {route},
                    {recipients},
                    states});
  return true;
}

std::string_view CheckpointDecoder::text(OctetReader& from) {
  const auto kind = static_cast<Kind>(from.number<std::uint8_t>(last_kind));
  if (kind == Kind::empty) return {};
  if (kind == Kind::own) return from.view();
  const auto number = from.number<std::uint32_t>();
  if (kind == Kind::again) {
    const auto known = shared_.find(number);
    good_ = good_ && known != shared_.end();
    return good_ ? std::string_view(known->second) : std::string_view();
  }
  const auto [place, added] = shared_.emplace(number, from.view());
  good_ = good_ && added;
  return place->second;
}

}  // namespace postern
