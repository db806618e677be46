// notices.h — who is to hear that a message was delivered, or that it is late: RFC 3461.
//
// Never the null sender, never with NOTIFY=NEVER (spam and viruses are queued with it), never of a
// copy for the archive. What is chosen here goes into LetterWriter::report(), without the body
// (RFC 3461 §4.3).
#pragma once

#include <vector>

#include "gateway/delivery/letter.h"

namespace postern {

/// Whether the sender hears of a success for this recipient. `warned`: was told before that the
/// message is late.
bool sender_hears_of_success(const Envelope& envelope, const QueuedRecipient& recipient,
                             bool warned, const NoticeSettings& settings);

/// What to tell of those in `delivered`: "delivered" where it was the mailbox, "relayed" where the
/// next hop sends no reports, nothing where it does (RFC 3461 §5.2.1, §5.2.2). After the first
/// attempt also "expanded" for each alias that has several addresses (§5.2.7.3).
std::vector<DsnRecipient> successes_to_tell(const Envelope& envelope,
                                            const std::vector<RecipientNews>& delivered,
                                            bool warned, const NoticeSettings& settings,
                                            WallTime now);

/// How late a message is: what the choice depends on.
struct Delay {
  milliseconds age{};
  bool warned = false;  // a letter was written before: there is one a message
  WallTime retry_until{};
};

/// What to tell of those in `open`, whose attempt has just failed for now; none: it is too early,
/// or nobody wants to hear. NOTIFY with DELAY asks for it, NOTIFY without forbids it, and without
/// NOTIFY delay_warning_time decides.
std::vector<DsnRecipient> delays_to_tell(const Envelope& envelope,
                                         const std::vector<RecipientNews>& open, const Delay& delay,
                                         const NoticeSettings& settings, WallTime now);

}  // namespace postern
