#include "gateway/queue/payload.h"

#include "gateway/queue/octets.h"
#include "gateway/queue/record.h"

namespace postern {

namespace {

// Flags of an accept head.
constexpr std::uint32_t flag_own_file = 1;
constexpr std::uint32_t flag_utf8 = 2;
constexpr std::uint32_t flag_eight_bit = 4;
constexpr std::uint32_t flag_delay_notice_sent = 8;  // since version 2, as the next
constexpr std::uint32_t flag_route = 16;
constexpr std::uint32_t all_flags = 31;

// The octet of a progress head that says what else it changes: how to hold in the lowest two bits.
constexpr std::uint8_t hold_bits = 3;
constexpr std::uint8_t bit_not_attempted = 4;  // since version 2, as the next
constexpr std::uint8_t bit_delay_notice_sent = 8;
constexpr std::uint8_t bit_route = 16;
constexpr std::uint8_t all_bits = 31;

// The least that an element of a list takes, with all its strings empty.
constexpr std::size_t least_variant = 8;
constexpr std::size_t least_edit = 9;
constexpr std::size_t least_recipient = 16;
constexpr std::size_t least_change = 5;

constexpr auto last_state = static_cast<std::uint8_t>(RecipientState::removed);
constexpr auto last_kind = static_cast<std::uint8_t>(RecipientKind::archive);
constexpr auto last_edit = static_cast<std::uint8_t>(HeaderEdit::Kind::enclose);
constexpr auto last_hold = static_cast<std::uint8_t>(Progress::Hold::clear);

void put_time(OctetWriter& to, WallTime time) {
  to.number(static_cast<std::uint64_t>(time.time_since_epoch().count()));
}

WallTime get_time(OctetReader& from) {
  return WallTime(WallTime::duration(static_cast<std::int64_t>(from.number<std::uint64_t>())));
}

void put_variant(OctetWriter& to, const Variant& variant) {
  to.text(variant.prepend);
  to.number(static_cast<std::uint32_t>(variant.edits.size()));
  for (const auto& edit : variant.edits) {
    to.number(static_cast<std::uint8_t>(edit.kind));
    to.text(edit.name);
    to.text(edit.value);
  }
}

Variant get_variant(OctetReader& from) {
  Variant variant;
  variant.prepend = from.text();
  variant.edits.resize(from.count(least_edit));
  for (auto& edit : variant.edits) {
    edit.kind = static_cast<HeaderEdit::Kind>(from.number<std::uint8_t>(last_edit));
    edit.name = from.text();
    edit.value = from.text();
  }
  return variant;
}

void put_recipient(OctetWriter& to, const QueuedRecipient& recipient) {
  to.text(recipient.address);
  to.text(recipient.original);
  to.text(recipient.orcpt);
  to.number(recipient.notify);
  to.number(recipient.variant);
  to.number(static_cast<std::uint8_t>(recipient.kind));
  to.number(static_cast<std::uint8_t>(recipient.state));
}

QueuedRecipient get_recipient(OctetReader& from) {
  QueuedRecipient recipient;
  recipient.address = from.text();
  recipient.original = from.text();
  recipient.orcpt = from.text();
  recipient.notify = from.number<std::uint8_t>();
  recipient.variant = from.number<std::uint8_t>();
  recipient.kind = static_cast<RecipientKind>(from.number<std::uint8_t>(last_kind));
  recipient.state = static_cast<RecipientState>(from.number<std::uint8_t>(last_state));
  return recipient;
}

std::size_t expected_size(const Envelope& envelope) {
  std::size_t size = record_header_size + 256 + envelope.sender.size() +
                     envelope.client_name.size() + envelope.helo.size() + envelope.envid.size();
  for (const auto& variant : envelope.variants) size += variant.prepend.size() + 64;
  for (const auto& recipient : envelope.recipients) {
    size += recipient.address.size() + recipient.original.size() + recipient.orcpt.size() +
            least_recipient;
  }
  return size;
}

}  // namespace

std::string encode_accept(const Envelope& envelope, std::uint64_t content_size,
                          std::uint32_t content_crc, bool own_file) {
  std::string out;
  out.reserve(expected_size(envelope));
  out.resize(record_header_size);
  OctetWriter to(out);
  to.number(envelope.id.value);
  to.number(content_size);
  to.number(content_crc);
  to.number((own_file ? flag_own_file : 0) | (envelope.utf8 ? flag_utf8 : 0) |
            (envelope.eight_bit ? flag_eight_bit : 0) |
            (envelope.delay_notice_sent ? flag_delay_notice_sent : 0) |
            (envelope.route.empty() ? 0 : flag_route));
  put_time(to, envelope.arrival);
  put_time(to, envelope.next_attempt);
  to.number(envelope.attempts);
  for (const auto* text :
       {&envelope.sender, &envelope.ret, &envelope.envid, &envelope.client_address,
        &envelope.client_name, &envelope.helo, &envelope.hold, &envelope.last_reply}) {
    to.text(*text);
  }
  if (!envelope.route.empty()) to.text(envelope.route);
  to.number(static_cast<std::uint32_t>(envelope.variants.size()));
  for (const auto& variant : envelope.variants) put_variant(to, variant);
  to.number(static_cast<std::uint32_t>(envelope.recipients.size()));
  for (const auto& recipient : envelope.recipients) put_recipient(to, recipient);
  return out;
}

std::optional<AcceptHead> decode_accept(std::string_view head) {
  OctetReader from(head);
  AcceptHead out;
  Envelope& envelope = out.envelope;
  envelope.id = {from.number<std::uint64_t>()};
  envelope.content_size = from.number<std::uint64_t>();
  out.content_crc = from.number<std::uint32_t>();
  const auto flags = from.number<std::uint32_t>(all_flags);
  out.own_file = (flags & flag_own_file) != 0;
  envelope.utf8 = (flags & flag_utf8) != 0;
  envelope.eight_bit = (flags & flag_eight_bit) != 0;
  envelope.delay_notice_sent = (flags & flag_delay_notice_sent) != 0;
  envelope.arrival = get_time(from);
  envelope.next_attempt = get_time(from);
  envelope.attempts = from.number<std::uint32_t>();
  for (auto* text : {&envelope.sender, &envelope.ret, &envelope.envid, &envelope.client_address,
                     &envelope.client_name, &envelope.helo, &envelope.hold, &envelope.last_reply}) {
    *text = from.text();
  }
  if ((flags & flag_route) != 0) envelope.route = from.text();
  envelope.variants.resize(from.count(least_variant));
  for (auto& variant : envelope.variants) variant = get_variant(from);
  envelope.recipients.resize(from.count(least_recipient));
  for (auto& recipient : envelope.recipients) recipient = get_recipient(from);

  if (!from.good() || !from.at_end() || envelope.recipients.empty()) return std::nullopt;
  for (const auto& recipient : envelope.recipients) {
    if (recipient.variant >= envelope.variants.size()) return std::nullopt;
  }
  return out;
}

std::string encode_progress(const Progress& progress) {
  std::string out(record_header_size, '\0');
  OctetWriter to(out);
  to.number(progress.id.value);
  put_time(to, progress.next_attempt);
  to.number(progress.attempts);
  to.number(static_cast<std::uint8_t>(static_cast<unsigned>(progress.hold) |
                                      (progress.attempted ? 0U : bit_not_attempted) |
                                      (progress.delay_notice_sent ? bit_delay_notice_sent : 0U) |
                                      (progress.route ? bit_route : 0U)));
  to.text(progress.last_reply);
  to.text(progress.hold_reason);
  if (progress.route) to.text(*progress.route);
  to.number(static_cast<std::uint32_t>(progress.changes.size()));
  for (const auto& change : progress.changes) {
    to.number(change.recipient);
    to.number(static_cast<std::uint8_t>(change.state));
  }
  return out;
}

std::optional<Progress> decode_progress(std::string_view head) {
  OctetReader from(head);
  Progress out;
  out.id = {from.number<std::uint64_t>()};
  out.next_attempt = get_time(from);
  out.attempts = from.number<std::uint32_t>();
  const auto bits = from.number<std::uint8_t>(all_bits);
  if ((bits & hold_bits) > last_hold) return std::nullopt;
  out.hold = static_cast<Progress::Hold>(bits & hold_bits);
  out.attempted = (bits & bit_not_attempted) == 0;
  out.delay_notice_sent = (bits & bit_delay_notice_sent) != 0;
  out.last_reply = from.text();
  out.hold_reason = from.text();
  if ((bits & bit_route) != 0) out.route = from.text();
  out.changes.resize(from.count(least_change));
  for (auto& change : out.changes) {
    change.recipient = from.number<std::uint32_t>();
    change.state = static_cast<RecipientState>(from.number<std::uint8_t>(last_state));
  }
  if (!from.good() || !from.at_end()) return std::nullopt;
  return out;
}

std::string encode_done(MessageId id) {
  std::string out(record_header_size, '\0');
  OctetWriter(out).number(id.value);
  return out;
}

std::optional<MessageId> decode_done(std::string_view head) {
  OctetReader from(head);
  const MessageId id{from.number<std::uint64_t>()};
  if (!from.good() || !from.at_end()) return std::nullopt;
  return id;
}

}  // namespace postern
