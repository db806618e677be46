// bounce.h — the message that tells a sender what could not be delivered.
//
// Who is told, and who never is:
//   - nobody hears of a failed message with the null sender (RFC 5321 §6.1: loops),
//   - nor of one that was judged spam or virus: its sender is most likely not the sender,
//   - nor of recipients with NOTIFY=NEVER or without FAILURE (RFC 3461 §4.1),
//   - of a copy for the archive the sender must not even know: bounce_notice_recipient is told.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gateway/delivery/settings.h"
#include "gateway/mail/reply.h"
#include "gateway/queue/envelope.h"
#include "gateway/queue/message_id.h"

namespace postern {

struct FailedRecipient {
  std::uint32_t index = 0;  // in the envelope
  Reply reply;
  std::string remote;  // DeliveryOutcome::remote; "" = no server said it
};

struct BounceRequest {
  const Envelope& envelope;
  const Content& content;
  std::vector<FailedRecipient> failed;
  bool suppressed = false;  // spam or virus
};

/// A message of ours, ready for the spool.
struct Bounce {
  Envelope envelope;
  Content content;
};

struct Bounces {
  std::optional<Bounce> to_sender;
  std::optional<Bounce> notice;       // to bounce_notice_recipient, about archive copies
  std::vector<std::uint32_t> untold;  // failed recipients of which nobody hears; for the log
};

/// RET=HDRS returns the header alone; so does a message above bounce_size_limit.
Bounces make_bounces(const BounceRequest& request, const DeliverySettings& settings,
                     const std::string& hostname, MessageIdSource& ids, WallTime now);

}  // namespace postern
