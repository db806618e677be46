#include "gateway/delivery/mailer_daemon.h"

#include <algorithm>

#include "gateway/base/log.h"
#include "gateway/base/metrics.h"
#include "gateway/mail/address.h"

namespace postern {
namespace {

constexpr Event suppressed{
    "bounces-suppressed", Level::warning,
    "Reports to senders were not written, since too many waited already (bounce_rate_limit, "
    "bounce_domain_rate_limit, bounce_delay_limit). client=, to= and destination= stand behind "
    "most "
    "of them: a client that sends spam is to be stopped, a destination that refuses all to be "
    "mended. "
    "Each failure is in the log as bounced with told=no."};
constexpr Event nowhere{"letter-without-reader", Level::warning,
                        "A letter of ours is to an address in our own domains that does not exist, "
                        "and is dropped. Where "
                        "it is a postmaster's, name another in *_notice_recipient."};

Counter& suppressed_bounces = counter("postern_bounces_suppressed_total",
                                      "Reports to senders that were not written: over the limit.");

Counter& letters(const char* kind) {
  return counter("postern_letters_total", "Letters that this gateway wrote itself.",
                 {{"kind", kind}});
}
Counter& failure_letters = letters("failure");
Counter& success_letters_written = letters("success");
Counter& delay_letters_written = letters("delay");
Counter& postmaster_letters = letters("postmaster");

}  // namespace

MailerDaemon::MailerDaemon(const Clock& clock, MessageIdSource& ids, ErrorManager::Post post)
    : clock_(clock), ids_(ids), errors_(clock, ids, std::move(post)) {}

void MailerDaemon::configure(Generation generation) {
  generation_ = std::move(generation);
  errors_.configure(generation_.notices, generation_.hostname);
  // What was counted so far stays counted, unless the limits themselves have changed.
  const BounceLimitSettings& limit = generation_.notices->limit;
  if (!limit_ || limit_->settings() != limit) limit_ = std::make_unique<BounceLimit>(limit);
}

LetterWriter MailerDaemon::writer() const {
  return {*generation_.notices, generation_.hostname, generation_.queue_lifetime, ids_,
          clock_.wall()};
}

std::optional<milliseconds> MailerDaemon::admit(const Envelope& envelope,
                                                const std::string& recipient,
                                                BounceLimit::Patience patience) {
  const std::string to_domain(domain_of(envelope.sender));
  // A sender in our own domains is no stranger, and our own store takes what it can.
  if (generation_.policies->recipients.is_ours(to_domain).value_or(false)) return milliseconds(0);
  const BounceCause cause{to_domain, envelope.client_address, std::string(domain_of(recipient))};
  const auto wait = limit_->admit(cause, patience, clock_.steady());
  if (!wait) suppressed_bounces.add();
  return wait;
}

void MailerDaemon::tell_of_suppression() {
  const auto found = limit_->take_suppressed(clock_.steady());
  if (!found) return;
  log(suppressed, {{"count", found->reports},
                   {"client", found->client.key},
                   {"client_count", found->client.count},
                   {"to", found->to_domain.key},
                   {"destination", found->destination.key}});
  errors_.report(NoticeClass::resource, "reports to senders are being suppressed",
                 "More mail fails than senders may be told of (bounce_rate_limit).\nReports not "
                 "written lately: " +
                     std::to_string(found->reports) + "\nMost of that mail came from: " +
                     found->client.key + "\nIts sender's domain: " + found->to_domain.key +
                     "\nIts destination: " + found->destination.key +
                     "\n\nIf that client sends spam, stop it. The log has each failure as "
                     "\"bounced\" with told=no.");
}

Result<bool> MailerDaemon::address(Letter& letter) const {
  const QueuedRecipient written = letter.envelope.recipients.front();
  const auto parsed = parse_address(written.address);
  if (!parsed) return true;  // whatever it is, it is what the sender called itself
  const RecipientAnswer answer = generation_.policies->recipients.answer(*parsed, true);
  if (answer.kind == RecipientAnswer::Kind::temporary_error)
    return fail(std::errc::resource_unavailable_try_again, answer.error);
  if (!answer.accepted()) {
    log(nowhere, {{"to", "<" + written.address + ">"}, {"reply", answer.reply.line()}});
    return false;
  }
  letter.envelope.recipients.clear();
  for (const std::string& final : answer.final_recipients) {
    QueuedRecipient recipient = written;
    recipient.address = final;
    if (final != written.address) recipient.original = written.address;
    letter.envelope.recipients.push_back(std::move(recipient));
  }
  return true;
}

Result<> MailerDaemon::add(Outgoing& out, Letter letter) const {
  TRY(const bool has_reader, address(letter));
  if (has_reader) out.letters.push_back(std::move(letter));
  return {};
}

Result<MailerDaemon::Outgoing> MailerDaemon::failures(const Envelope& envelope,
                                                      const Content& content,
                                                      std::vector<RecipientNews> failed) {
  BounceRequest request{envelope, content, std::move(failed)};
  const auto first_heard = std::ranges::find_if(request.failed, [&](const RecipientNews& news) {
    return sender_hears_of_failure(envelope, envelope.recipients[news.index]);
  });
  // Before anything is written: of a flood each letter that is not sent should cost nothing.
  milliseconds wait{};
  if (first_heard != request.failed.end()) {
    const std::string& recipient = envelope.recipients[first_heard->index].address;
    const auto admitted = admit(envelope, recipient, BounceLimit::Patience::may_wait);
    request.to_sender = admitted.has_value();
    wait = admitted.value_or(milliseconds(0));
    request.copy = errors_.admits_copy(NoticeClass::bounce);
  }
  request.double_bounce =
      std::ranges::any_of(request.failed,
                          [&](const RecipientNews& news) {
                            return is_double_bounce(envelope, envelope.recipients[news.index],
                                                    *generation_.notices, generation_.hostname);
                          }) &&
      errors_.admits_copy(NoticeClass::double_bounce);

  Bounces bounces = make_bounces(request, writer());
  Outgoing out;
  out.untold = std::move(bounces.untold);
  if (bounces.to_sender) {
    Letter& letter = *bounces.to_sender;
    if (wait > milliseconds(0)) letter.envelope.next_attempt = clock_.wall() + wait;
    TRY(add(out, std::move(letter)));
    failure_letters.add(out.letters.size());
    for (const RecipientNews& news : request.failed) {
      if (out.letters.empty() && sender_hears_of_failure(envelope, envelope.recipients[news.index]))
        out.untold.push_back(news.index);
    }
  }
  for (auto* letter : {&bounces.copy, &bounces.to_postmaster}) {
    if (!*letter) continue;
    TRY(add(out, std::move(**letter)));
    postmaster_letters.add();
  }
  tell_of_suppression();
  return out;
}

bool MailerDaemon::may_tell_successes(const Envelope& envelope) const {
  return std::ranges::any_of(envelope.recipients, &QueuedRecipient::notify) ||
         envelope.delay_notice_sent;
}

std::vector<DsnRecipient> MailerDaemon::successes(
    const Envelope& envelope, const std::vector<RecipientNews>& delivered) const {
  return successes_to_tell(envelope, delivered, envelope.delay_notice_sent, *generation_.notices,
                           clock_.wall());
}

std::vector<DsnRecipient> MailerDaemon::delays(const Envelope& envelope,
                                               const std::vector<RecipientNews>& open,
                                               milliseconds age) const {
  const WallTime now = clock_.wall();
  const Delay delay{age, envelope.delay_notice_sent, now + generation_.queue_lifetime - age};
  return delays_to_tell(envelope, open, delay, *generation_.notices, now);
}

Result<MailerDaemon::Outgoing> MailerDaemon::success_letters(const Envelope& envelope,
                                                             const Content& content,
                                                             std::vector<DsnRecipient> recipients) {
  Outgoing out;
  if (admit(envelope, recipients.front().address, BounceLimit::Patience::now_or_never)) {
    TRY(add(out,
            writer().report(envelope, content, envelope.sender, std::move(recipients), false)));
    success_letters_written.add(out.letters.size());
  }
  tell_of_suppression();
  return out;
}

Result<MailerDaemon::Outgoing> MailerDaemon::delay_letters(const Envelope& envelope,
                                                           const Content& content,
                                                           std::vector<DsnRecipient> recipients) {
  Outgoing out;
  if (errors_.admits_copy(NoticeClass::delay)) {
    const std::string to = generation_.notices->recipient(NoticeClass::delay, generation_.hostname);
    TRY(add(out, writer().report(envelope, content, to, recipients, false)));
    postmaster_letters.add();
  }
  if (admit(envelope, recipients.front().address, BounceLimit::Patience::now_or_never)) {
    TRY(add(out,
            writer().report(envelope, content, envelope.sender, std::move(recipients), false)));
    delay_letters_written.add();
  }
  tell_of_suppression();
  return out;
}

}  // namespace postern
