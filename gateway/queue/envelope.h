// envelope.h — what the queue knows of a message beside its octets.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "gateway/base/clock.h"
#include "gateway/queue/message_id.h"

namespace postern {

/// The octets of a message in canonical form: CRLF line ends only, no dot-stuffing.
using Content = std::shared_ptr<const std::string>;

/// A change to the original header, applied when a copy is written out, never to the stored
/// original: authentication and archive always see what was received.
struct HeaderEdit {
  enum class Kind : std::uint8_t { remove, replace, enclose };
  Kind kind = Kind::remove;
  std::string name;   // compared without case; every field of that name. For remove "X-*" means all
                      // names that begin so, and with a `value` only fields that say just that
  std::string value;  // for replace: the new field's value; the first such field's place is kept,
                      // and the field goes on top of the header where there was none
  // For enclose: `value` is put before the message, header first, and `name` behind it. Edits that
  // follow change the header of what has come of it.
};

/// One way to write the message out. Recipients share it by index; 0 always exists.
struct Variant {
  std::string prepend;  // complete fields with CRLF, our trace on top
  std::vector<HeaderEdit> edits;
};

enum class RecipientState : std::uint8_t { queued, delivered, bounced, removed };
enum class RecipientKind : std::uint8_t { normal, archive };

struct QueuedRecipient {
  std::string address;      // where it goes now, after aliases and redirection
  std::string original;     // what the client said in RCPT; empty where it is the same
  std::string orcpt;        // RFC 3461 §4.2, as received
  std::uint8_t notify = 0;  // bits of Notify (mail/command.h)
  std::uint8_t variant = 0;
  RecipientKind kind = RecipientKind::normal;
  RecipientState state = RecipientState::queued;

  bool open() const { return state == RecipientState::queued; }
};

struct Envelope {
  MessageId id;
  WallTime arrival{};
  std::string sender;      // reverse path; empty = null sender
  std::string ret, envid;  // RFC 3461
  bool utf8 = false;
  bool eight_bit = false;
  std::string client_address, client_name, helo;
  std::string hold;  // not empty: kept back until released, and this is why
  std::vector<Variant> variants{1};
  std::vector<QueuedRecipient> recipients;
  std::uint64_t content_size = 0;

  // What retries have added.
  std::uint32_t attempts = 0;
  WallTime next_attempt{};  // zero: at once
  std::string last_reply;   // of the latest failed attempt, for people
  std::string route;        // an administrator's, instead of the tables'; empty: the tables'
  bool delay_notice_sent = false;
  std::uint32_t open_recipients() const;
};

/// The octets to send for one variant: prepended fields, edited header, body. `original` is
/// returned unchanged (shared, not copied) in `body` where there are no edits.
struct Rendered {
  std::string prefix;  // to be sent first
  Content body;
  std::uint64_t size() const { return prefix.size() + body->size(); }
};
Rendered render(const Variant& variant, const Content& original);

}  // namespace postern
