// settlement.cc — the end of an attempt: what is recorded, who is told, when it is tried again.
#include <algorithm>

#include "gateway/base/log.h"
#include "gateway/delivery/dispatcher.h"
#include "gateway/mail/address.h"

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
    "told=no (null sender, spam, NOTIFY=NEVER, or too many reports: see bounces-suppressed)."};
constexpr Event bounce_not_stored{
    "bounce-write-failed", Level::error,
    "A bounce could not be stored, so its cause stays queued. Look at the disk."};

constexpr Event report_lost{
    "success-report-lost", Level::warning,
    "A sender asked to be told of success, and the letter could not be stored. The message itself "
    "was delivered."};
constexpr Event letter_not_stored{
    "postmaster-letter-waits", Level::warning,
    "A letter to a postmaster could not be stored. It is kept in memory until storing works."};

constexpr std::uint64_t room_for_letter = 64 << 10;

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

std::vector<RecipientNews> news_of(const std::vector<const RecipientResult*>& results) {
  std::vector<RecipientNews> out;
  out.reserve(results.size());
  for (const RecipientResult* result : results)
    out.push_back({result->recipient, result->reply, result->remote, result->handover});
  return out;
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

StormWatch::Seen Dispatcher::seen(const Envelope& envelope, std::uint32_t recipient) {
  const bool named = recipient < envelope.recipients.size();
  return {envelope.client_address, envelope.sender,
          named ? domain_of(envelope.recipients[recipient].address) : std::string_view()};
}

/// First attempts only: a retry that fails again says nothing new.
void Dispatcher::tell_watch(const ActiveMessage& message) {
  if (!parts_.watch || message.envelope->attempts > 0) return;
  for (const RecipientResult& result : message.results) {
    if (result.reply.positive()) continue;
    const auto what = seen(*message.envelope, result.recipient);
    result.reply.permanent() ? parts_.watch->bounced(what, parts_.loop.now())
                             : parts_.watch->deferred(what, parts_.loop.now());
  }
}

Task<void> Dispatcher::settle(std::shared_ptr<ActiveMessage> message) {
  const Envelope& envelope = *message->envelope;
  const auto stopped = stopped_.extract(envelope.id.value);
  if (stopped && stopped.mapped().how == Stopped::How::removed) co_return;
  const bool held = stopped && stopped.mapped().how == Stopped::How::held;
  settling_.insert(envelope.id.value);
  if (!stopped) tell_watch(*message);

  // By the steady clock: a wall clock that jumps expires nothing (fault F15).
  const auto age =
      std::chrono::duration_cast<milliseconds>(parts_.loop.now() - message->queued.accepted);
  const double delay = std::chrono::duration<double>(age).count();
  const MessageKind kind = message->queued.null_sender ? MessageKind::bounce : MessageKind::mail;
  const bool too_old = !held && expired(age, kind, config_->retry);

  Progress change;
  change.id = envelope.id;
  change.attempts = envelope.attempts + 1;
  Results succeeded, failed, open;
  for (const RecipientResult& result : message->results) {
    if (result.reply.positive()) {
      succeeded.push_back(&result);
      change.changes.push_back({result.recipient, RecipientState::delivered});
      log_result(delivered, envelope, result, delay, "attempts", std::to_string(change.attempts));
    } else if (result.reply.permanent() || too_old) {
      failed.push_back(&result);
    } else {
      open.push_back(&result);
      change.last_reply = result.reply.line();
      if (!result.remote.empty()) change.last_reply = result.remote + " said: " + change.last_reply;
    }
  }
  if (daemon_.may_tell_successes(envelope)) co_await tell_successes(*message, succeeded);
  Queued again = message->queued;
  SteadyTime due = parts_.loop.now();
  bool kept = false;  // what failed stays, as its sender could not be told
  if (!failed.empty()) {
    if (co_await bounce(*message, failed)) {
      for (const RecipientResult* result : failed)
        change.changes.push_back({result->recipient, RecipientState::bounced});
    } else {
      kept = true;
      change.last_reply = "451 4.3.0 bounce could not be stored";
    }
  }
  if (!open.empty() && !held) change.delay_notice_sent = co_await tell_delay(*message, open, age);
  if (!open.empty() || kept) {
    const milliseconds wait = backoff(*message);
    change.next_attempt = parts_.clock.wall() + wait;
    for (const RecipientResult* result : open)
      log_result(deferred, envelope, *result, delay, "next",
                 format_duration(std::chrono::round<seconds>(wait)));
    again.fresh = false;
    // Told or not, no alarm is needed for that any more: every attempt looks at it.
    again.warned = again.warned || age >= config_->delivery->notices.delay_warning_time;
    due = parts_.loop.now() + wait;
  }
  parts_.spool.progress(std::move(change));
  // An administrator may have held, released or removed it while this was under way: the spool
  // knows.
  settling_.erase(again.id.value);
  stopped_.erase(again.id.value);
  parts_.spool.look(again.id, [&](const MessageSummary& now) {
    if (now.hold.empty()) scheduler_.wait_until(again, due);
  });
  if (daemon_.errors().waits() && parts_.spool.healthy() && parts_.spool.has_room(room_for_letter))
    daemon_.errors().post_again();
  pump();
}

void Dispatcher::configure_daemon() {
  const auto& delivery = config_->delivery;
  daemon_.configure({std::shared_ptr<const NoticeSettings>(delivery, &delivery->notices),
                     config_->policies, config_->myhostname,
                     config_->retry.maximal_queue_lifetime});
}

Task<Result<Content>> Dispatcher::content_of(const ActiveMessage& message) {
  if (message.content) co_return message.content;
  Spool& spool = parts_.spool;
  const MessageId id = message.envelope->id;
  co_return co_await parts_.threads.run(parts_.loop, [&spool, id] { return spool.content(id); });
}

// Success when all of them are on stable storage.
Task<Result<>> Dispatcher::post(MailerDaemon::Outgoing outgoing) {
  for (Letter& letter : outgoing.letters) {
    auto stored = co_await store(std::move(letter.envelope), std::move(letter.content));
    if (!stored) co_return stored;
  }
  co_return Result<>();
}

Task<void> Dispatcher::post_notice(NoticeClass which, Letter letter) {
  Letter copy = letter;
  const auto has_reader = daemon_.address(copy);
  if (has_reader && !*has_reader) co_return;
  Result<> stored = has_reader ? Result<>() : Result<>(std::unexpected(has_reader.error()));
  if (stored) stored = co_await store(std::move(copy.envelope), std::move(copy.content));
  if (stored) co_return;
  log(letter_not_stored, {{"class", notice_class_name(which)}, {"error", stored.error().what}});
  daemon_.errors().put_back(which, std::move(letter));
}

Task<void> Dispatcher::tell_successes(const ActiveMessage& message, const Results& taken) {
  const Envelope& envelope = *message.envelope;
  auto recipients = daemon_.successes(envelope, news_of(taken));
  if (recipients.empty()) co_return;
  const auto told = co_await write_success(message, std::move(recipients));
  // What was delivered is not delivered again for it.
  if (!told) log(report_lost, {{"queue", envelope.id.text()}, {"error", told.error().what}});
}

Task<Result<>> Dispatcher::write_success(const ActiveMessage& message,
                                         std::vector<DsnRecipient> recipients) {
  CO_TRY(const Content content, co_await content_of(message));
  CO_TRY(auto letters, daemon_.success_letters(*message.envelope, content, std::move(recipients)));
  co_return co_await post(std::move(letters));
}

// True when the letter about it is on stable storage.
Task<bool> Dispatcher::tell_delay(const ActiveMessage& message, const Results& open,
                                  milliseconds age) {
  const Envelope& envelope = *message.envelope;
  auto recipients = daemon_.delays(envelope, news_of(open), age);
  if (recipients.empty()) co_return false;
  auto content = co_await content_of(message);
  if (!content) co_return false;  // there is a next attempt
  auto letters = daemon_.delay_letters(envelope, *content, std::move(recipients));
  if (!letters || letters->letters.empty()) co_return false;
  const auto posted = co_await post(std::move(*letters));
  co_return posted.has_value();
}

// True when everyone who must be told will be: the bounce is on stable storage.
Task<bool> Dispatcher::bounce(const ActiveMessage& message, const Results& failed) {
  const Envelope& envelope = *message.envelope;
  auto content = co_await content_of(message);
  if (!content) co_return false;
  std::vector<RecipientNews> news = news_of(failed);
  for (RecipientNews& one : news) {
    // RFC 3463 §3.5: what was temporary until the end is told as "delivery time expired".
    if (one.reply.temporary()) {
      one.reply = reply(554, {5, 4, 7}, "delivery time expired; last answer: " + one.reply.line());
    }
  }
  auto letters = daemon_.failures(envelope, *content, std::move(news));
  Result<> told;
  std::vector<std::uint32_t> untold;
  if (letters) {
    untold = std::move(letters->untold);
    told = co_await post(std::move(*letters));
  } else {
    told = std::unexpected(letters.error());
  }
  if (!told) {
    log(bounce_not_stored, {{"queue", envelope.id.text()}, {"error", told.error().what}});
    daemon_.errors().report(
        NoticeClass::resource, "reports to senders cannot be stored",
        "The mail that they are about stays in the queue meanwhile.\n" + told.error().what);
    co_return false;
  }
  const auto age = std::chrono::duration<double>(parts_.clock.wall() - envelope.arrival).count();
  for (const RecipientResult* result : failed) {
    const bool silent = std::ranges::find(untold, result->recipient) != untold.end();
    log_result(bounced, envelope, *result, age, "told", silent ? "no" : "yes");
  }
  co_return true;
}

}  // namespace postern
