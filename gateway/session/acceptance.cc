// acceptance.cc — from an accepted transaction to what the queue stores, and the 250.
#include <algorithm>
#include <map>

#include "gateway/base/log.h"
#include "gateway/base/metrics.h"
#include "gateway/mail/header.h"
#include "gateway/mail/received.h"
#include "gateway/session/session.h"

namespace postern {
namespace {

constexpr Event accepted{
    "accepted", Level::info,
    "A message is on stable storage and was answered with 250. Follow queue= from here."};
constexpr Event discarded{"discarded", Level::info,
                          "A message was answered with 250 and dropped, as reason= asked for."};
constexpr Event not_stored{
    "queue-write-failed", Level::error,
    "The queue could not store a message; the client was told to come back. error= says why: "
    "look at the disk of spool_directory."};

Counter& accepted_messages =
    counter("postern_messages_accepted_total", "Messages answered with 250.");
Counter& discarded_messages =
    counter("postern_messages_discarded_total",
            "Messages answered with 250 and dropped on request of a filter.");

HeaderEdit header_edit(const Change& change) {
  auto kind = HeaderEdit::Kind::replace;
  if (change.kind == Change::Kind::remove_field) kind = HeaderEdit::Kind::remove;
  if (change.kind == Change::Kind::enclose) kind = HeaderEdit::Kind::enclose;
  return {kind, change.name, change.value};
}

void apply(const std::vector<Change>& changes, Variant& variant) {
  using Kind = Change::Kind;
  for (const Change& change : changes) {
    if (change.kind == Kind::add_field) variant.prepend += make_field(change.name, change.value);
    if (change.kind == Kind::remove_field || change.kind == Kind::replace_field ||
        change.kind == Kind::enclose) {
      variant.edits.push_back(header_edit(change));
    }
  }
}

/// The ways to write a message out: one for each set of changes that a recipient is to get.
class Variants {
 public:
  /// Variant 0: our Received field and what the filters asked for all recipients.
  Variants(std::string received, const std::vector<Change>& changes,
           const std::vector<Share>& shares)
      : received_(std::move(received)), shares_(shares), variants_(1), numbers_{{{}, 0}} {
    variants_[0].prepend = received_;
    apply(changes, variants_[0]);
  }

  /// For who is in these shares. Beyond 250 different ways recipients get what is for all.
  std::uint8_t of(const std::vector<std::size_t>& shares) {
    const auto known = numbers_.find(shares);
    if (known != numbers_.end()) return known->second;
    if (variants_.size() >= most) return 0;
    Variant variant = variants_[0];
    for (const auto share : shares) apply(shares_[share].changes, variant);
    return numbers_[shares] = add(std::move(variant));
  }

  /// For an archive: the original under our Received field alone.
  std::uint8_t original() {
    if (original_ == 0) original_ = add({received_, {}});
    return original_;
  }

  std::vector<Variant> take() { return std::move(variants_); }

 private:
  static constexpr std::size_t most = 250;  // the queue counts them in an octet

  std::uint8_t add(Variant variant) {
    variants_.push_back(std::move(variant));
    return static_cast<std::uint8_t>(variants_.size() - 1);
  }

  std::string received_;
  const std::vector<Share>& shares_;
  std::vector<Variant> variants_;
  std::map<std::vector<std::size_t>, std::uint8_t> numbers_;
  std::uint8_t original_ = 0;
};

/// What the filters said of one recipient alone.
struct OwnPart {
  std::vector<std::size_t> changing;  // shares with changes
  std::string hold;
  bool spam = false;
};

OwnPart own_part(std::size_t recipient, const std::vector<Share>& shares) {
  OwnPart out;
  for (std::size_t i = 0; i < shares.size(); ++i) {
    const Share& share = shares[i];
    if (std::ranges::find(share.recipients, recipient) == share.recipients.end()) continue;
    if (!share.changes.empty()) out.changing.push_back(i);
    if (out.hold.empty()) out.hold = share.hold;
    out.spam = out.spam || share.spam;
  }
  return out;
}

/// Of what shall be told to the sender. Nothing where a filter took the content for spam or a
/// virus, even if somebody releases it later: its sender is most likely not its sender.
std::uint8_t queued_notify(std::uint8_t asked, std::size_t addresses, bool suspect) {
  if (suspect) return notify_never;
  if (addresses < 2 || !(asked & notify_success)) return asked;
  // RFC 3461 §5.2.7.3: "expanded" once, instead of a success of each address.
  const auto left = static_cast<std::uint8_t>(asked & ~notify_success);
  return static_cast<std::uint8_t>((left ? left : notify_never) | notify_expanded);
}

void add_recipient(Envelope& envelope, QueuedRecipient recipient) {
  const bool known = std::ranges::any_of(envelope.recipients, [&](const QueuedRecipient& other) {
    return other.address == recipient.address && other.kind == recipient.kind;
  });
  if (!known) envelope.recipients.push_back(std::move(recipient));
}

}  // namespace

std::string Session::make_received() const {
  const ConnectionFacts& connection = evidence_.connection;
  Trace trace;
  trace.helo = evidence_.helo;
  trace.client_name = connection.client_name == "unknown" ? "" : connection.client_name;
  trace.client_address = connection.client.host;
  trace.host = config_->smtpd.myhostname;
  trace.queue_id = evidence_.id.text();
  if (connection.tls) trace.tls = connection.tls_protocol + " " + connection.tls_cipher;
  if (transaction_->recipients.size() == 1)
    trace.recipient = transaction_->recipients.front().command.recipient.text();
  trace.extended = evidence_.esmtp;
  trace.utf8 = evidence_.sender.utf8;
  trace.time = host_.clock.wall();
  return received_field(trace);
}

Task<Result<>> Session::commit(std::shared_ptr<const Envelope> envelope, Content content) {
  OneShot<Result<>> stored;
  host_.spool.accept(envelope, content, [&, envelope, content](Result<> result) {
    if (result) host_.queued(envelope, content);
    host_.loop.post(
        [&stored, result = std::move(result)]() mutable { stored.set(std::move(result)); });
  });
  co_return co_await stored.wait();
}

Task<Reply> Session::accept(Content content, std::string received, Opinion opinion) {
  std::vector<Change> changes = std::move(transaction_->changes);
  std::ranges::move(opinion.changes, std::back_inserter(changes));
  const bool drop = opinion.verdict == Verdict::discard;
  const bool spam = opinion.score && opinion.required && *opinion.score >= *opinion.required;

  Envelope base;
  base.id = transaction_->id;
  base.arrival = host_.clock.wall();
  base.sender = evidence_.sender.address;
  base.ret = transaction_->mail.ret;
  base.envid = transaction_->mail.envid;
  base.utf8 = transaction_->mail.utf8;
  base.eight_bit = transaction_->mail.eight_bit;
  base.client_address = evidence_.connection.client.host;
  base.client_name = evidence_.connection.client_name;
  base.helo = evidence_.helo;
  base.content_size = content->size();
  Variants variants(std::move(received), changes, opinion.shares);

  // A message can be delivered to one recipient and held for another: two records then, of which
  // the held one has an id of its own. Archive copies are never held with it.
  Envelope live = base;
  Envelope held = base;
  held.hold = opinion.verdict == Verdict::quarantine ? opinion.reason : "";
  const auto redirected =
      std::ranges::find(changes.rbegin(), changes.rend(), Change::Kind::redirect, &Change::kind);
  for (std::size_t i = 0; i < transaction_->recipients.size(); ++i) {
    AcceptedRecipient& recipient = transaction_->recipients[i];
    const OwnPart own = own_part(i, opinion.shares);
    if (recipient.hold.empty()) recipient.hold = own.hold;
    if (recipient.discard || drop) continue;
    if (redirected != changes.rend()) recipient.addresses = {redirected->value};
    const bool hold = opinion.verdict == Verdict::quarantine || !recipient.hold.empty();
    if (hold && held.hold.empty())
      held.hold = recipient.hold.empty() ? "held by a filter" : recipient.hold;
    for (const std::string& address : recipient.addresses) {
      QueuedRecipient queued;
      queued.address = address;
      const std::string said = recipient.command.recipient.text();
      if (said != address) queued.original = said;
      queued.orcpt = recipient.command.orcpt;
      queued.notify = queued_notify(recipient.command.notify, recipient.addresses.size(),
                                    spam || own.spam || opinion.verdict == Verdict::quarantine);
      queued.variant = variants.of(own.changing);
      add_recipient(hold ? held : live, std::move(queued));
    }
  }
  for (const Change& change : changes) {
    if (drop) break;
    QueuedRecipient copy;
    copy.address = change.value;
    copy.notify = notify_never;
    if (change.kind == Change::Kind::archive_copy) {
      copy.kind = RecipientKind::archive;
      copy.variant = variants.original();
      add_recipient(live, std::move(copy));
    } else if (change.kind == Change::Kind::add_recipient) {
      add_recipient(live, std::move(copy));
    }
  }

  held.variants = live.variants = variants.take();

  const std::string id = base.id.text();
  if (live.recipients.empty() && held.recipients.empty()) {
    discarded_messages.add();
    log(discarded, {{"queue", id},
                    {"session", evidence_.connection.session},
                    {"client", base.client_address},
                    {"from", "<" + base.sender + ">"},
                    {"size", base.content_size},
                    {"reason", opinion.reason}});
    co_return reply(250, {2, 0, 0}, "Ok: queued as " + id);
  }
  if (!live.recipients.empty() && !held.recipients.empty()) held.id = host_.ids.next();

  Result<> stored;
  const std::string hold_reason = held.recipients.empty() ? "" : held.hold;
  const std::size_t recipients = live.recipients.size() + held.recipients.size();
  // The held part first: should the second write fail, the client comes back, and a message held
  // twice is better than one delivered twice.
  if (!held.recipients.empty()) {
    auto envelope = std::make_shared<const Envelope>(std::move(held));
    stored = co_await commit(std::move(envelope), content);
  }
  if (stored && !live.recipients.empty()) {
    auto envelope = std::make_shared<const Envelope>(std::move(live));
    stored = co_await commit(std::move(envelope), content);
  }
  if (!stored) {
    log(not_stored,
        {{"queue", id}, {"session", evidence_.connection.session}, {"error", stored.error().what}});
    const bool full = stored.error().code == std::errc::no_space_on_device;
    co_return full ? reply(452, {4, 3, 1}, "Insufficient system storage")
                   : reply(451, {4, 3, 0}, "Error: queue file write error");
  }
  accepted_messages.add();
  log(accepted, {{"queue", id},
                 {"session", evidence_.connection.session},
                 {"client", base.client_address},
                 {"helo", base.helo},
                 {"from", "<" + base.sender + ">"},
                 {"to", "<" + transaction_->recipients.front().command.recipient.text() + ">"},
                 {"recipients", recipients > 1 ? std::to_string(recipients) : std::string()},
                 {"size", base.content_size},
                 {"score", opinion.score ? std::to_string(*opinion.score) : std::string()},
                 {"hold", hold_reason},
                 {"tls", evidence_.connection.tls_protocol}});
  co_return reply(250, {2, 0, 0}, "Ok: queued as " + id);
}

}  // namespace postern
