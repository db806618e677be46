// bounce.h — the letters about what could not be delivered.
//
// Who is told, and who never is:
//   - nobody hears of a failed message with the null sender (RFC 5321 §6.1: loops), but a
//   postmaster
//     who asked for it (2bounce),
//   - nor of one that was judged spam or virus: its sender is most likely not the sender. Its
//     recipients are queued with NOTIFY=NEVER,
//   - nor of recipients with NOTIFY=NEVER or without FAILURE (RFC 3461 §4.1),
//   - of a copy for the archive the sender must not even know: bounce_notice_recipient is told,
//   - of a letter to a postmaster that failed nobody is told: only the log.
#pragma once

#include <optional>
#include <vector>

#include "gateway/delivery/letter.h"

namespace postern {

struct BounceRequest {
  const Envelope& envelope;
  const Content& content;
  std::vector<RecipientNews> failed;
  // Who may be told, as far as limits go and the postmaster wants.
  bool to_sender = true;
  bool copy = false;           // the class bounce
  bool double_bounce = false;  // the class 2bounce
};

struct Bounces {
  std::optional<Letter> to_sender;
  std::optional<Letter> copy;           // to bounce_notice_recipient; about archive copies, too
  std::optional<Letter> to_postmaster;  // a message that had the null sender itself
  std::vector<std::uint32_t> untold;    // failed recipients whose sender hears nothing; for the log
};

/// Whether the sender is to hear of a failure for this recipient.
bool sender_hears_of_failure(const Envelope& envelope, const QueuedRecipient& recipient);
/// Whether a failure for this recipient is a letter of ours that did not arrive.
bool is_double_bounce(const Envelope& envelope, const QueuedRecipient& recipient,
                      const NoticeSettings& settings, const std::string& hostname);

/// RET=HDRS returns the header alone; so does a message above bounce_size_limit.
Bounces make_bounces(const BounceRequest& request, const LetterWriter& writer);

}  // namespace postern
