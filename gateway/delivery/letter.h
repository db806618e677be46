// letter.h — a message that we write ourselves, ready for the spool: to a sender, or a postmaster.
//
// It has the null sender (RFC 5321 §6.1), so that nothing is ever said about it to anybody but a
// postmaster, and NOTIFY=NEVER.
#pragma once

#include <string>
#include <vector>

#include "gateway/delivery/notice_settings.h"
#include "gateway/mail/dsn.h"
#include "gateway/mail/handover.h"
#include "gateway/mail/reply.h"
#include "gateway/queue/envelope.h"
#include "gateway/queue/message_id.h"

namespace postern {

struct Letter {
  Envelope envelope;
  Content content;
};

/// What became of one recipient, for a report.
struct RecipientNews {
  std::uint32_t index = 0;  // in the envelope
  Reply reply;
  std::string remote;                       // DeliveryOutcome::remote; "" = no server said it
  Handover handover = Handover::delivered;  // where the reply is positive
};

/// Writes letters; the referents outlive it.
struct LetterWriter {
  const NoticeSettings& settings;
  const std::string& hostname;
  milliseconds queue_lifetime;  // of ordinary mail
  MessageIdSource& ids;
  WallTime now;

  /// A report about a message (RFC 3464). `full`: with its body, where bounce_size_limit permits.
  Letter report(const Envelope& about, const Content& content, const std::string& to,
                std::vector<DsnRecipient> recipients, bool full) const;
  /// A plain letter about this gateway.
  Letter notice(const std::string& to, const std::string& subject, const std::string& text) const;
};

/// The report's fields of a recipient; status and answer are those of `news`.
DsnRecipient describe(const QueuedRecipient& recipient, const RecipientNews& news, DsnAction action,
                      WallTime now);

}  // namespace postern
