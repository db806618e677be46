#include "gateway/delivery/hop_sender.h"

#include <fmt/format.h>

#include "gateway/base/bytes.h"
#include "gateway/base/metrics.h"
#include "gateway/mail/header.h"

namespace postern {
namespace {

struct Counters {
  Counter& connections;
  Counter& failures;
  Counter& reused;
  Counter& plain;
};

Counters counters_for(const std::string& transport) {
  const Labels labels{{"transport", transport}};
  return {counter("postern_delivery_connections_total",
                  "Outbound connections that were ready for mail.", labels),
          counter("postern_delivery_connection_failures_total",
                  "Outbound connections that failed before they were ready for mail.", labels),
          counter("postern_delivery_connections_reused_total",
                  "Messages that went over a connection kept from an earlier one.", labels),
          counter("postern_delivery_tls_failures_total",
                  "TLS handshakes that failed, so that plain text was used.", labels)};
}

const Counters& counters(Dialect dialect) {
  static const Counters smtp = counters_for("smtp");
  static const Counters lmtp = counters_for("lmtp");
  return dialect == Dialect::smtp ? smtp : lmtp;
}

}  // namespace

DeliveryOutcome same_for_all(const DeliveryJob& job, const Reply& reply, bool reached) {
  DeliveryOutcome outcome;
  outcome.reached = reached;
  for (const std::uint32_t recipient : job.recipients)
    outcome.recipients.push_back({recipient, reply});
  return outcome;
}

std::string return_path_field(const Envelope& envelope) {
  return make_field("Return-Path", "<" + envelope.sender + ">");
}

HopSender::HopSender(const DeliveryContext& context, ConnectionPool& pool, Dialect dialect)
    : context_(context), pool_(pool), dialect_(dialect) {}

Task<DeliveryOutcome> HopSender::send(DeliveryJob job, std::vector<Hop> hops) {
  const Envelope& envelope = *job.envelope;
  const std::size_t variant = envelope.recipients[job.recipients.front()].variant;
  Rendered rendered = render(envelope.variants[variant], job.content);
  if (dialect_ == Dialect::lmtp && context_.settings->lmtp_add_return_path) {
    rendered.prefix.insert(0, return_path_field(envelope));
  }

  DeliveryOutcome outcome = same_for_all(job, Reply{}, false);
  std::vector<std::size_t> open(job.recipients.size());  // positions in outcome.recipients
  for (std::size_t i = 0; i < open.size(); ++i) open[i] = i;
  std::int64_t sessions = 0;
  bool best = true;
  for (auto& hop : hops) {
    if (open.empty() || sessions >= context_.settings->smtp_mx_session_limit) break;
    std::vector<std::uint32_t> recipients;
    for (const std::size_t position : open) recipients.push_back(job.recipients[position]);
    const Transaction transaction{envelope, recipients, rendered.prefix, *rendered.body};
    const Peer peer{dialect_, std::move(hop.name), std::move(hop.endpoint)};

    Attempt tried = co_await attempt(peer, transaction);
    if (tried.ourselves) tried.result.replies.assign(recipients.size(), looping(job.route, best));
    best = false;
    if (tried.connected) ++sessions;
    // What a server said of the message tells more than that another could not be reached.
    if (outcome.reached && !tried.reached) continue;
    outcome.reached = tried.reached;
    outcome.remote = peer.text();
    outcome.tls = std::move(tried.tls);
    std::vector<std::size_t> still;
    for (std::size_t i = 0; i < open.size(); ++i) {
      Reply& answer = tried.result.replies[i];
      if (answer.temporary() && !tried.result.ambiguous) still.push_back(open[i]);
      outcome.recipients[open[i]].reply = std::move(answer);
      outcome.recipients[open[i]].handover = handover(tried.reports);
    }
    if (tried.ourselves) break;
    open = std::move(still);
  }
  co_return outcome;
}

Task<HopSender::Attempt> HopSender::attempt(const Peer& peer, const Transaction& transaction) {
  const Counters& count = counters(dialect_);
  if (auto kept = pool_.take(peer)) {
    auto result = co_await kept->transact(transaction);
    if (!result.unanswered) {
      count.reused.add();
      co_return Attempt{.result = std::move(result),
                        .tls = kept->tls(),
                        .connected = true,
                        .reached = true,
                        .reports = kept->capabilities().dsn};
    }
  }
  auto fresh = pool_.make(peer);
  // A Unix socket is private already.
  const TlsContext* const tls = peer.endpoint.is_unix() ? nullptr : context_.tls.get();
  Opening opening = co_await fresh->open(tls);
  if (opening.how == Opening::How::tls_failed) {
    count.plain.add();
    fresh = pool_.make(peer);
    opening = co_await fresh->open(nullptr);
  }
  if (opening.how != Opening::How::ready) {
    count.failures.add();
    Attempt failed;
    failed.connected = opening.how != Opening::How::no_connection;
    failed.result.replies.assign(transaction.recipients.size(), opening.reply);
    co_return failed;
  }
  count.connections.add();
  if (dialect_ == Dialect::smtp &&
      equals_ignoring_case(fresh->capabilities().name, context_.hostname)) {
    co_await fresh->quit();
    Attempt looped;
    looped.connected = looped.reached = looped.ourselves = true;
    co_return looped;
  }
  auto result = co_await fresh->transact(transaction);
  co_return Attempt{.result = std::move(result),
                    .tls = fresh->tls(),
                    .connected = true,
                    .reached = true,
                    .reports = fresh->capabilities().dsn};
}

// RFC 3461 §5.2.2, §5.3: LMTP is taken for the mailbox, unless the store says that it reports.
Handover HopSender::handover(bool reports) const {
  if (reports) return Handover::passed_on;
  return dialect_ == Dialect::lmtp ? Handover::delivered : Handover::relayed;
}

// Final only where the DNS names us as the best host of the domain. Behind a better one that is
// down, or where an administrator named the host, it can be mended, and mail waits.
Reply HopSender::looping(const Route& route, bool best) const {
  const std::string text =
      fmt::format("mail for {} loops back to this host: the server has our name {}", route.host,
                  context_.hostname);
  return route.use_mx && best ? reply(554, {5, 4, 6}, text) : reply(451, {4, 4, 6}, text);
}

}  // namespace postern
