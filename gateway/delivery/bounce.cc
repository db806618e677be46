#include "gateway/delivery/bounce.h"

#include <algorithm>

#include "gateway/delivery/content_wire.h"
#include "gateway/mail/address.h"
#include "gateway/mail/command.h"
#include "gateway/mail/dsn.h"

namespace postern {
namespace {

/// The server's name in "mx.example.org[192.0.2.1]:25"; "" where no host answered.
std::string remote_mta(const std::string& remote) {
  if (remote.starts_with('/') || remote.starts_with("unix:")) return "";
  if (remote.starts_with('[')) return remote.substr(1, remote.find(']') - 1);
  return remote.substr(0, remote.find_first_of("[:"));
}

DsnRecipient describe(const QueuedRecipient& recipient, const FailedRecipient& failure) {
  DsnRecipient out;
  out.address = recipient.address;
  out.orcpt = recipient.orcpt;
  if (out.orcpt.empty() && !recipient.original.empty()) {
    out.orcpt = "rfc822;" + encode_xtext(recipient.original);
  }
  out.status = failure.reply.enhanced;
  out.action = DsnAction::failed;
  out.remote_mta = remote_mta(failure.remote);
  out.diagnostic = failure.reply.line();
  return out;
}

bool sender_wants_to_know(const QueuedRecipient& recipient) {
  if (recipient.notify == 0) return true;
  return !(recipient.notify & notify_never) && (recipient.notify & notify_failure);
}

bool is_ascii(const std::string& text) { return !examine(text).eight_bit; }

struct Author {
  const BounceRequest& request;
  const DeliverySettings& settings;
  const std::string& hostname;
  MessageIdSource& ids;
  WallTime now;

  Bounce write(const std::string& to, std::vector<DsnRecipient> recipients, bool full) const {
    const Envelope& original = request.envelope;
    const MessageId id = ids.next();
    DsnRequest dsn;
    dsn.reporting_mta = hostname;
    dsn.sender = to;
    dsn.envid = original.envid;
    dsn.arrival = original.arrival;
    dsn.recipients = std::move(recipients);
    dsn.original = *request.content;
    dsn.full = full;
    dsn.original_limit = settings.bounce_size_limit;
    dsn.postmaster = "MAILER-DAEMON@" + hostname;
    dsn.message_id = id.text() + "@" + hostname;
    dsn.date = now;

    Bounce out;
    out.content = std::make_shared<const std::string>(make_dsn(dsn));
    out.envelope.id = id;
    out.envelope.arrival = now;
    out.envelope.eight_bit = examine(*out.content).eight_bit;
    out.envelope.utf8 = !is_ascii(to);
    out.envelope.content_size = out.content->size();
    QueuedRecipient recipient;
    recipient.address = to;
    recipient.notify = notify_never;
    out.envelope.recipients.push_back(std::move(recipient));
    return out;
  }
};

}  // namespace

Bounces make_bounces(const BounceRequest& request, const DeliverySettings& settings,
                     const std::string& hostname, MessageIdSource& ids, WallTime now) {
  const Author author{request, settings, hostname, ids, now};
  const std::string& sender = request.envelope.sender;
  const bool sender_hears = !sender.empty() && !request.suppressed;
  Bounces out;
  std::vector<DsnRecipient> for_sender, for_notice;
  for (const auto& failure : request.failed) {
    const QueuedRecipient& recipient = request.envelope.recipients[failure.index];
    if (recipient.kind == RecipientKind::archive) {
      if (settings.bounce_notice_recipient.empty()) {
        out.untold.push_back(failure.index);
      } else {
        for_notice.push_back(describe(recipient, failure));
      }
    } else if (sender_hears && sender_wants_to_know(recipient)) {
      for_sender.push_back(describe(recipient, failure));
    } else {
      out.untold.push_back(failure.index);
    }
  }
  const bool full = request.envelope.ret != "HDRS";
  if (!for_sender.empty()) out.to_sender = author.write(sender, std::move(for_sender), full);
  // Whoever looks after the archive needs to know which message, not to read it.
  if (!for_notice.empty()) {
    out.notice = author.write(settings.bounce_notice_recipient, std::move(for_notice), false);
  }
  return out;
}

}  // namespace postern
