#include "gateway/delivery/bounce.h"

#include <algorithm>
#include <array>

#include "gateway/base/bytes.h"
#include "gateway/mail/command.h"

namespace postern {
namespace {

/// A letter to a postmaster keeps the name under which it was written, whatever aliases made of it.
bool goes_to_postmaster(const QueuedRecipient& recipient, const NoticeSettings& settings,
                        const std::string& hostname) {
  constexpr std::array kinds = {NoticeClass::bounce, NoticeClass::double_bounce, NoticeClass::delay,
                                NoticeClass::resource};
  const std::string& to = recipient.original.empty() ? recipient.address : recipient.original;
  return std::ranges::any_of(kinds, [&](NoticeClass kind) {
    return equals_ignoring_case(to, settings.recipient(kind, hostname));
  });
}

}  // namespace

bool sender_hears_of_failure(const Envelope& envelope, const QueuedRecipient& recipient) {
  if (envelope.sender.empty() || recipient.kind == RecipientKind::archive) return false;
  if (recipient.notify & notify_never) return false;
  return recipient.notify == 0 || (recipient.notify & notify_failure);
}

bool is_double_bounce(const Envelope& envelope, const QueuedRecipient& recipient,
                      const NoticeSettings& settings, const std::string& hostname) {
  return envelope.sender.empty() && recipient.kind == RecipientKind::normal &&
         !goes_to_postmaster(recipient, settings, hostname);
}

Bounces make_bounces(const BounceRequest& request, const LetterWriter& writer) {
  const NoticeSettings& settings = writer.settings;
  const Envelope& envelope = request.envelope;
  Bounces out;
  std::vector<DsnRecipient> for_sender, for_copy, for_postmaster;
  for (const RecipientNews& news : request.failed) {
    const QueuedRecipient& recipient = envelope.recipients[news.index];
    const bool archive = recipient.kind == RecipientKind::archive;
    const DsnRecipient described = describe(recipient, news, DsnAction::failed, writer.now);
    const bool copied = archive ? request.copy || !settings.bounce_notice_recipient.empty()
                                : request.copy && !envelope.sender.empty();
    if (copied) for_copy.push_back(described);
    if (request.to_sender && sender_hears_of_failure(envelope, recipient)) {
      for_sender.push_back(described);
    } else if (request.double_bounce &&
               is_double_bounce(envelope, recipient, settings, writer.hostname)) {
      for_postmaster.push_back(described);
    } else if (!archive || !copied) {
      out.untold.push_back(news.index);
    }
  }
  const auto report = [&](NoticeClass kind, std::vector<DsnRecipient> recipients, bool full) {
    const std::string to = settings.recipient(kind, writer.hostname);
    return writer.report(envelope, request.content, to, std::move(recipients), full);
  };
  if (!for_sender.empty()) {
    const bool full = envelope.ret != "HDRS";
    out.to_sender =
        writer.report(envelope, request.content, envelope.sender, std::move(for_sender), full);
  }
  // Whoever looks after the archive needs to know which message, not to read it.
  if (!for_copy.empty()) out.copy = report(NoticeClass::bounce, std::move(for_copy), false);
  // Here the message is a letter of some mail system, and what it says is the point.
  if (!for_postmaster.empty())
    out.to_postmaster = report(NoticeClass::double_bounce, std::move(for_postmaster), true);
  return out;
}

}  // namespace postern
