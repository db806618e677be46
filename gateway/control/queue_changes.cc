#include "gateway/control/queue_changes.h"

#include <algorithm>
#include <span>

#include "gateway/base/log.h"
#include "gateway/control/rows.h"
#include "gateway/control/selection.h"
#include "policies/route.h"

namespace postern {
namespace {

constexpr Event by_hand{"queue-command", Level::info,
                        "An administrator changed a message in the queue with `postern queue`."};
constexpr Event all_by_hand{"queue-command-done", Level::info,
                            "A `postern queue` command has changed so many messages."};

/// Under way at once: enough that a sync is shared, few enough that the loop sees to mail between.
constexpr std::size_t most_at_once = 256;

/// Which states a command means, where its filter does not say.
enum class Applies : std::uint8_t { to_all, to_held, to_others };
struct Command {
  std::string_view name;
  Applies applies;
};
constexpr Command commands[] = {{"hold", Applies::to_all},       {"release", Applies::to_held},
                                {"delete", Applies::to_all},     {"flush", Applies::to_others},
                                {"requeue", Applies::to_others}, {"reroute", Applies::to_all},
                                {"bounce", Applies::to_all}};

const Command* find_command(std::string_view name) {
  const auto* const found = std::ranges::find(commands, name, &Command::name);
  return found == std::end(commands) ? nullptr : found;
}

bool means(Applies applies, QueueState state) {
  return applies == Applies::to_all || (applies == Applies::to_held) == (state == QueueState::hold);
}

bool is_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

bool is_gone(const Error& error) { return error.code == std::errc::no_such_file_or_directory; }

}  // namespace

bool QueueChanges::knows(const std::string& command) { return find_command(command) != nullptr; }

Result<> QueueChanges::check(QueueRequest& request) {
  if (request.command == "hold" && request.why.empty()) request.why = "held by the administrator";
  if (request.command == "bounce" && (request.why.empty() || !is_ascii(request.why))) {
    return fail(std::errc::invalid_argument,
                "bounce wants --why TEXT, in ASCII: it stands in the letter to the sender");
  }
  if (request.command != "reroute") return {};
  if (request.to == "tables") request.to.clear();
  if (request.to.empty()) return {};
  if (const auto route = parse_route(request.to, "postmaster@example.org", ""); !route)
    return fail(std::errc::invalid_argument, "--to " + request.to + ": " + route.error().what);
  return {};
}

Task<void> QueueChanges::change(const QueueRequest& request, Chosen& message) {
  const MessageId id = message.id;
  Dispatcher& dispatcher = parts_.dispatcher;
  if (request.command == "hold") {
    message.done = co_await dispatcher.hold(id, request.why);
  } else if (request.command == "release") {
    message.done = co_await dispatcher.release(id);
  } else if (request.command == "delete") {
    message.done = co_await dispatcher.remove(id);
  } else if (request.command == "bounce") {
    message.done = co_await dispatcher.bounce(id, request.why);
  } else if (request.command == "reroute" || (request.command == "requeue" && message.rerouted)) {
    message.done = co_await dispatcher.reroute(id, request.to);
  } else {
    dispatcher.flush(id);
    // It is done within the call, and may start deliveries: mail has its turn before the next.
    co_await parts_.loop.sleep_until(parts_.loop.now());
  }
  if (message.done) {
    log(by_hand, {{"command", request.command},
                  {"queue", id.text()},
                  {"reason", request.command == "reroute" ? request.to : request.why}});
  }
}

Task<Result<>> QueueChanges::change_all(const QueueRequest& request, std::vector<Chosen>& messages,
                                        DeskAnswer& answer, std::uint64_t& count) {
  for (std::span rest(messages); !rest.empty();) {
    const auto together = rest.first(std::min(rest.size(), most_at_once));
    rest = rest.subspan(together.size());
    if (!request.dry_run) {
      TaskGroup changes;
      for (Chosen& each : together) changes.spawn(change(request, each));
      co_await changes.empty();
    }
    std::string rows;
    for (const Chosen& each : together) {
      if (!each.done && is_gone(each.done.error())) continue;
      if (!each.done) co_return std::unexpected(each.done.error());
      rows += each.row;
      ++count;
    }
    // Who hung up has still asked for all of it.
    co_await answer.rows(std::move(rows), request.table);
  }
  co_return Result<>{};
}

Task<Result<std::uint64_t>> QueueChanges::run(QueueRequest request, DeskAnswer& answer) {
  CO_TRY(check(request));
  const Applies applies = find_command(request.command)->applies;
  if (request.command == "flush" && request.filter.everything() && !request.dry_run) {
    const std::uint64_t deferred = parts_.dispatcher.scheduler().backlog();
    parts_.dispatcher.flush();
    log(all_by_hand, {{"command", request.command}, {"messages", deferred}});
    co_return deferred;
  }
  Selection selection(parts_, request.filter);
  co_await selection.find();
  if (request.table) {
    std::string heading(message_heading);
    co_await answer.octets(std::move(heading));
  }
  std::uint64_t count = 0;
  std::vector<Chosen> chosen;
  const Selection::See see = [&](const MessageSummary& message, const Standing& standing) {
    if (!means(applies, standing.state)) return;
    Chosen& added = chosen.emplace_back();
    added.id = message.id;
    added.rerouted = !message.route.empty();
    request.table ? append_message_row(added.row, message, standing)
                  : append_message_json(added.row, message, standing);
  };
  while (co_await selection.next(see)) {
    auto done = co_await change_all(request, chosen, answer, count);
    chosen.clear();
    if (done) continue;
    co_return fail_at("after " + std::to_string(count) + " messages", done.error());
  }
  if (count == 0 && !request.filter.id.empty()) {
    co_return fail(std::errc::no_such_file_or_directory,
                   "there is no message " + request.filter.id + " in the queue to " +
                       request.command + " (`postern queue show` says how it stands)");
  }
  if (!request.dry_run) log(all_by_hand, {{"command", request.command}, {"messages", count}});
  co_return count;
}

}  // namespace postern
