// settlement.cc — the end of an attempt: what is recorded, who is told, when it is tried again.
#include <algorithm>

#include "gateway/base/log.h"
#include "gateway/delivery/bounce.h"
#include "gateway/delivery/dispatcher.h"

namespace postern {
namespace {

constexpr Event delivered{"delivered", Level::info,
                          "The next hop took the message for this recipient."};
constexpr Event deferred{
    "deferred", Level::info,
    "The attempt failed for now; it is repeated. reply= says what the next hop answered."};
constexpr Event bounced{
    "bounced", Level::info,
    "Delivery to this recipient failed for good. reply= says why; the sender was told unless "
    "told=no (null sender, spam, or NOTIFY=NEVER)."};
constexpr Event bounce_not_stored{
    "bounce-write-failed", Level::error,
    "A bounce could not be stored, so its cause stays queued. Look at the disk."};

void log_result(const Event& event, const Envelope& envelope, const RecipientResult& result,
                double delay, std::string_view extra_key, std::string_view extra) {
  const QueuedRecipient& recipient = envelope.recipients[result.recipient];
  log(event, {{"queue", envelope.id.text()},
              {"from", "<" + envelope.sender + ">"},
              {"to", "<" + recipient.address + ">"},
              {"relay", result.remote},
              {"delay", delay},
              {"reply", result.reply.line()},
              {extra_key, extra}});
}

}  // namespace

milliseconds Dispatcher::backoff(const ActiveMessage& message) {
  const auto age =
      std::chrono::duration_cast<milliseconds>(parts_.loop.now() - message.queued.accepted);
  const MessageKind kind = message.queued.null_sender ? MessageKind::bounce : MessageKind::mail;
  const double random = std::uniform_real_distribution<double>(0, 1)(random_);
  return next_attempt(message.envelope->attempts + 1, std::max(age, milliseconds(0)), kind,
                      config_->retry, random);
}

Task<void> Dispatcher::settle(std::shared_ptr<ActiveMessage> message) {
  const Envelope& envelope = *message->envelope;
  const auto stopped = stopped_.extract(envelope.id.value);
  if (stopped && stopped.mapped().how == Stopped::How::removed) co_return;
  const bool held = stopped && stopped.mapped().how == Stopped::How::held;

  // By the steady clock: a wall clock that jumps expires nothing (fault F15).
  const auto age =
      std::chrono::duration_cast<milliseconds>(parts_.loop.now() - message->queued.accepted);
  const double delay = std::chrono::duration<double>(age).count();
  const MessageKind kind = message->queued.null_sender ? MessageKind::bounce : MessageKind::mail;
  const bool too_old = !held && expired(age, kind, config_->retry);

  Progress change;
  change.id = envelope.id;
  change.attempts = envelope.attempts + 1;
  std::vector<const RecipientResult*> failed;
  std::size_t open = 0;
  for (RecipientResult& result : message->results) {
    if (result.reply.positive()) {
      change.changes.push_back({result.recipient, RecipientState::delivered});
      log_result(delivered, envelope, result, delay, "attempts", std::to_string(change.attempts));
    } else if (result.reply.permanent() || too_old) {
      failed.push_back(&result);
    } else {
      ++open;
      change.last_reply = result.reply.line();
      if (!result.remote.empty()) change.last_reply = result.remote + " said: " + change.last_reply;
    }
  }
  if (!failed.empty()) {
    if (co_await bounce(*message, failed)) {
      for (const RecipientResult* result : failed)
        change.changes.push_back({result->recipient, RecipientState::bounced});
    } else {
      open += failed.size();
      change.last_reply = "451 4.3.0 bounce could not be stored";
    }
  }
  if (open > 0) {
    const milliseconds wait = backoff(*message);
    change.next_attempt = parts_.clock.wall() + wait;
    for (const RecipientResult& result : message->results) {
      if (!result.reply.temporary() || too_old) continue;
      log_result(deferred, envelope, result, delay, "next", format_duration(wait));
    }
    if (!held) {
      Queued again = message->queued;
      again.fresh = false;
      scheduler_.wait_until(again, parts_.loop.now() + wait);
    }
  }
  parts_.spool.progress(std::move(change));
  pump();
}

// True when everyone who must be told will be: the bounce is on stable storage.
Task<bool> Dispatcher::bounce(const ActiveMessage& message,
                              const std::vector<const RecipientResult*>& failed) {
  const Envelope& envelope = *message.envelope;
  Content content = message.content;
  if (!content) {
    Spool& spool = parts_.spool;
    const MessageId id = envelope.id;
    auto read =
        co_await parts_.threads.run(parts_.loop, [&spool, id] { return spool.content(id); });
    if (!read) co_return false;
    content = std::move(*read);
  }
  BounceRequest request{envelope, content, {}, false};
  for (const RecipientResult* result : failed) {
    Reply answer = result->reply;
    // RFC 3463 §3.5: what was temporary until the end is told as "delivery time expired".
    if (answer.temporary()) {
      answer = reply(554, {5, 4, 7}, "delivery time expired; last answer: " + answer.line());
    }
    request.failed.push_back({result->recipient, std::move(answer), result->remote});
  }
  Bounces bounces = make_bounces(request, *config_->delivery, config_->myhostname, parts_.ids,
                                 parts_.clock.wall());
  for (auto* made : {&bounces.to_sender, &bounces.notice}) {
    if (!*made) continue;
    auto stored = co_await store(std::move((*made)->envelope), std::move((*made)->content));
    if (!stored) {
      log(bounce_not_stored, {{"queue", envelope.id.text()}, {"error", stored.error().what}});
      co_return false;
    }
  }
  const auto age = std::chrono::duration<double>(parts_.clock.wall() - envelope.arrival).count();
  for (const RecipientResult* result : failed) {
    const bool untold =
        std::ranges::find(bounces.untold, result->recipient) != bounces.untold.end();
    log_result(bounced, envelope, *result, age, "told", untold ? "no" : "yes");
  }
  co_return true;
}

}  // namespace postern
