#include "gateway/control/storm_queue.h"

#include <algorithm>
#include <span>
#include <vector>

#include "gateway/base/log.h"
#include "policies/storm.h"

namespace postern {
namespace {

constexpr Event dropped{
    "storm-bounce-dropped", Level::info,
    "A bounce that could not be delivered was removed, as `postern storm` was told to. reply= says "
    "what the last attempt met with."};
constexpr Event expired_in_park{
    "storm-parked-expired", Level::info,
    "A message was parked by a storm for longer than its queue lifetime: its sender was told, "
    "unless that is the null sender."};

/// Under way at once: enough that a sync is shared, few enough that the loop sees to mail between.
constexpr std::size_t most_at_once = 256;

// Our own words for a lookup that failed (RFC 3463: 4.4.3, directory server failure). Once may be
// the resolver's bad moment.
constexpr std::string_view lookup_failed = "451 4.4.3";
constexpr std::uint32_t lookups_enough = 2;

const std::string expiry_text =
    "delivery time expired: the message was held back during a mail storm";

bool is_parked(const MessageSummary& message) { return message.hold.starts_with(parked_prefix); }

bool is_gone(const Error& error) { return error.code == std::errc::no_such_file_or_directory; }

}  // namespace

/// By the steady clock: a wall clock that jumps drops and expires nothing (fault F15).
WallTime StormQueue::now() const {
  return wall_ +
         std::chrono::duration_cast<std::chrono::microseconds>(parts_.clock.steady() - steady_);
}

Task<void> StormQueue::change_one(MessageId id, const Wanted& wanted, const Change& change,
                                  Tally& tally) {
  if (parts_.dispatcher.is_active(id)) co_return;
  bool still = false;
  parts_.spool.look(id, [&](const MessageSummary& message) { still = wanted(message); });
  if (!still) co_return;
  auto done = co_await change(id);
  if (done) {
    ++tally.changed;
  } else if (!is_gone(done.error()) && !tally.error) {
    tally.error = std::move(done).error();
  }
}

StormQueue::Changed StormQueue::change_all(Wanted wanted, Change change) {
  Spool& spool = parts_.spool;
  const auto ids = co_await parts_.files.run(parts_.loop, [&spool, &wanted] {
    std::vector<MessageId> found;
    spool.look_at_all([&](const MessageSummary& message) {
      if (wanted(message)) found.push_back(message.id);
    });
    // The oldest first: they are the first to be tried again when they are let go.
    std::ranges::sort(found);
    return found;
  });
  Tally tally;
  for (std::span rest(ids); !rest.empty() && !tally.error;) {
    const auto together = rest.first(std::min(rest.size(), most_at_once));
    rest = rest.subspan(together.size());
    TaskGroup changes;
    for (const MessageId id : together) changes.spawn(change_one(id, wanted, change, tally));
    co_await changes.empty();
    // A turn of the loop, also where nothing had to be waited for.
    co_await parts_.loop.sleep_until(parts_.loop.now());
  }
  if (tally.error)
    co_return fail_at("after " + std::to_string(tally.changed) + " messages", *tally.error);
  co_return tally.changed;
}

StormQueue::Changed StormQueue::park(std::uint32_t attempts, std::string reason) {
  Wanted wanted = [attempts](const MessageSummary& message) {
    return message.hold.empty() && message.attempts >= attempts;
  };
  Change change = [this, reason = std::move(reason)](MessageId id) {
    return parts_.dispatcher.hold(id, reason);
  };
  co_return co_await change_all(std::move(wanted), std::move(change));
}

StormQueue::Changed StormQueue::release() {
  Change change = [this](MessageId id) { return parts_.dispatcher.release(id); };
  co_return co_await change_all(is_parked, std::move(change));
}

StormQueue::Changed StormQueue::drop_bounces(milliseconds older) {
  const WallTime born_before = now() - older;
  Wanted wanted = [born_before](const MessageSummary& message) {
    if (!message.sender.empty() || message.attempts == 0) return false;
    if (!message.hold.empty() && !is_parked(message)) return false;
    return message.arrival < born_before ||
           (message.attempts >= lookups_enough && message.last_reply.starts_with(lookup_failed));
  };
  Change change = [this](MessageId id) { return drop(id); };
  co_return co_await change_all(std::move(wanted), std::move(change));
}

Task<Result<>> StormQueue::drop(MessageId id) {
  std::string to, why;
  parts_.spool.look(id, [&](const MessageSummary& message) {
    to = message.recipients.substr(0, message.recipients.find('\n'));
    why = message.last_reply;
  });
  auto removed = co_await parts_.dispatcher.remove(id);
  if (removed) log(dropped, {{"queue", id.text()}, {"to", "<" + to + ">"}, {"reply", why}});
  co_return removed;
}

StormQueue::Changed StormQueue::expire(RetrySettings lifetimes) {
  const WallTime present = now();
  Wanted wanted = [present, lifetimes](const MessageSummary& message) {
    const auto kind = message.sender.empty() ? MessageKind::bounce : MessageKind::mail;
    const auto age = std::chrono::duration_cast<milliseconds>(present - message.arrival);
    return is_parked(message) && expired(age, kind, lifetimes);
  };
  Change change = [this](MessageId id) { return end(id); };
  co_return co_await change_all(std::move(wanted), std::move(change));
}

Task<Result<>> StormQueue::end(MessageId id) {
  bool null_sender = false;
  parts_.spool.look(id, [&](const MessageSummary& m) { null_sender = m.sender.empty(); });
  log(expired_in_park, {{"queue", id.text()}});
  if (null_sender) co_return co_await parts_.dispatcher.remove(id);
  co_return co_await parts_.dispatcher.bounce(id, expiry_text);
}

Task<std::uint64_t> StormQueue::count_parked() {
  Spool& spool = parts_.spool;
  co_return co_await parts_.files.run(parts_.loop, [&spool] {
    std::uint64_t count = 0;
    spool.look_at_all([&](const MessageSummary& message) { count += is_parked(message) ? 1 : 0; });
    return count;
  });
}

}  // namespace postern
