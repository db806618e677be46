#include "gateway/delivery/letter.h"

#include <algorithm>

#include "gateway/base/bytes.h"
#include "gateway/delivery/content_wire.h"
#include "gateway/mail/address.h"
#include "gateway/mail/command.h"
#include "gateway/mail/date.h"
#include "gateway/mail/header.h"

namespace postern {
namespace {

/// The server's name in "mx.example.org[192.0.2.1]:25"; "" where no host answered.
std::string remote_mta(const std::string& remote) {
  if (remote.starts_with('/') || remote.starts_with("unix:")) return "";
  if (remote.starts_with('[')) return remote.substr(1, remote.find(']') - 1);
  return remote.substr(0, remote.find_first_of("[:"));
}

/// For a letter in plain ASCII: at most 900 octets of a line (RFC 5322 §2.1.1 allows 998).
std::string plain(std::string_view line) {
  std::string out(line.substr(0, 900));
  std::ranges::replace_if(out, [](char c) { return c < 0x20 || c == 0x7f; }, '?');
  return out;
}

bool is_ascii(const std::string& text) { return !examine(text).eight_bit; }

Letter addressed(const std::string& to, std::string content, MessageId id, WallTime now) {
  Letter out;
  out.content = std::make_shared<const std::string>(std::move(content));
  out.envelope.id = id;
  out.envelope.arrival = now;
  out.envelope.eight_bit = !is_ascii(*out.content);
  out.envelope.utf8 = !is_ascii(to);
  out.envelope.content_size = out.content->size();
  QueuedRecipient recipient;
  recipient.address = to;
  recipient.notify = notify_never;
  out.envelope.recipients.push_back(std::move(recipient));
  return out;
}

}  // namespace

DsnRecipient describe(const QueuedRecipient& recipient, const RecipientNews& news, DsnAction action,
                      WallTime now) {
  DsnRecipient out;
  out.address = recipient.address;
  out.orcpt = recipient.orcpt;
  if (out.orcpt.empty() && !recipient.original.empty()) {
    out.orcpt = "rfc822;" + encode_xtext(recipient.original);
  }
  out.status = news.reply.enhanced;
  out.action = action;
  out.remote_mta = remote_mta(news.remote);
  // Of a success only what a server said: our own words are about files and folders.
  if (!news.reply.positive() || !out.remote_mta.empty()) out.diagnostic = news.reply.line();
  out.last_attempt = now;
  return out;
}

Letter LetterWriter::report(const Envelope& about, const Content& content, const std::string& to,
                            std::vector<DsnRecipient> recipients, bool full) const {
  const MessageId id = ids.next();
  DsnRequest dsn;
  dsn.reporting_mta = hostname;
  dsn.sender = to;
  dsn.envid = about.envid;
  dsn.arrival = about.arrival;
  dsn.queue_id = about.id.text();
  dsn.recipients = std::move(recipients);
  dsn.original = *content;
  dsn.full = full;
  dsn.original_limit = settings.bounce_size_limit;
  dsn.postmaster = "MAILER-DAEMON@" + hostname;
  dsn.message_id = id.text() + "@" + hostname;
  dsn.date = now;
  dsn.templates = *settings.templates;
  dsn.delay_warning_time = settings.delay_warning_time;
  dsn.maximal_queue_lifetime = queue_lifetime;
  return addressed(to, make_dsn(dsn), id, now);
}

Letter LetterWriter::notice(const std::string& to, const std::string& subject,
                            const std::string& text) const {
  const MessageId id = ids.next();
  std::string out = make_field("From", "Mail Delivery System <MAILER-DAEMON@" + hostname + ">");
  out += make_field("To", "<" + to + ">");
  out += make_field("Subject", hostname + ": " + plain(subject));
  out += make_field("Date", format_date(now));
  out += make_field("Message-ID", "<" + id.text() + "@" + hostname + ">");
  out += "Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n";
  out += "Content-Type: text/plain; charset=us-ascii\r\n\r\n";
  for (const std::string_view line : split(text, '\n')) out += plain(line) + "\r\n";
  return addressed(to, std::move(out), id, now);
}

}  // namespace postern
