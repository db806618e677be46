#include "gateway/delivery/notices.h"

#include <algorithm>

#include "gateway/mail/address.h"
#include "gateway/mail/command.h"

namespace postern {
namespace {

// RFC 3461 §4.1 leaves the time to us. Sendmail's, where the administrator has none.
constexpr milliseconds asked_delay = std::chrono::hours(4);

bool may_be_written_to(const Envelope& envelope, const QueuedRecipient& recipient) {
  return !envelope.sender.empty() && recipient.kind == RecipientKind::normal &&
         !(recipient.notify & notify_never);
}

bool hears_of_delays(const QueuedRecipient& recipient) {
  return recipient.notify == 0 || (recipient.notify & notify_delay);
}

/// The address that the sender wrote.
const std::string& as_written(const QueuedRecipient& recipient) {
  return recipient.original.empty() ? recipient.address : recipient.original;
}

bool may_be_late(const Delay& delay, const NoticeSettings& settings) {
  const milliseconds after =
      settings.delay_warning_time > milliseconds(0) ? settings.delay_warning_time : asked_delay;
  return !delay.warned && delay.age >= after;
}

void add_expanded(const Envelope& envelope, WallTime now, std::vector<DsnRecipient>& out) {
  for (const QueuedRecipient& recipient : envelope.recipients) {
    if (envelope.sender.empty() || !(recipient.notify & notify_expanded)) continue;
    const std::string& alias = as_written(recipient);
    if (std::ranges::find(out, alias, &DsnRecipient::address) != out.end()) continue;
    DsnRecipient expanded;
    expanded.address = alias;
    expanded.orcpt = recipient.orcpt;
    expanded.action = DsnAction::expanded;
    expanded.last_attempt = now;
    out.push_back(std::move(expanded));
  }
}

}  // namespace

bool sender_hears_of_success(const Envelope& envelope, const QueuedRecipient& recipient,
                             bool warned, const NoticeSettings& settings) {
  if (!may_be_written_to(envelope, recipient)) return false;
  if (recipient.notify & notify_success) return true;
  return warned && settings.confirm_delay_cleared && hears_of_delays(recipient);
}

std::vector<DsnRecipient> successes_to_tell(const Envelope& envelope,
                                            const std::vector<RecipientNews>& delivered,
                                            bool warned, const NoticeSettings& settings,
                                            WallTime now) {
  std::vector<DsnRecipient> out;
  if (envelope.attempts == 0) add_expanded(envelope, now, out);
  for (const RecipientNews& news : delivered) {
    const QueuedRecipient& recipient = envelope.recipients[news.index];
    if (!sender_hears_of_success(envelope, recipient, warned, settings)) continue;
    const bool cleared =
        !(recipient.notify & notify_success);  // we said it was late, so we say this
    if (news.handover == Handover::passed_on && !cleared) continue;
    const bool mailbox = news.handover == Handover::delivered;
    const DsnAction action = mailbox ? DsnAction::delivered : DsnAction::relayed;
    out.push_back(describe(recipient, news, action, now));
  }
  return out;
}

std::vector<DsnRecipient> delays_to_tell(const Envelope& envelope,
                                         const std::vector<RecipientNews>& open, const Delay& delay,
                                         const NoticeSettings& settings, WallTime now) {
  std::vector<DsnRecipient> out;
  if (!may_be_late(delay, settings)) return out;
  const bool unasked = settings.delay_warning_time > milliseconds(0);
  for (const RecipientNews& news : open) {
    const QueuedRecipient& recipient = envelope.recipients[news.index];
    if (!may_be_written_to(envelope, recipient) || !hears_of_delays(recipient)) continue;
    if (recipient.notify == 0 && !unasked) continue;
    DsnRecipient late = describe(recipient, news, DsnAction::delayed, now);
    late.retry_until = delay.retry_until;
    out.push_back(std::move(late));
  }
  return out;
}

}  // namespace postern
