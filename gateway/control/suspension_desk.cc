#include "gateway/control/suspension_desk.h"

#include <algorithm>
#include <boost/json.hpp>
#include <unordered_map>

#include "gateway/base/config.h"
#include "gateway/base/log.h"
#include "gateway/control/rows.h"

namespace postern {
namespace {

namespace json = boost::json;

constexpr Event suspended{"mail-suspended", Level::warning,
                          "An administrator lets mail of a sender or to a destination wait. It "
                          "ends by itself; `postern queue resume` ends it sooner."};
constexpr Event resumed{"mail-resumed", Level::info, "An administrator ended a suspension."};

/// Every message that is placed is compared with each of them.
constexpr std::size_t most_suspensions = 256;
/// Longer than any queue lifetime makes sense: the mail would be bounced before.
constexpr milliseconds longest = std::chrono::days(30);

std::string_view name_of(Suspension::Of of) {
  return of == Suspension::Of::sender ? "sender" : "destination";
}

struct Pattern {
  Suspension::Of of;
  std::string text;
};

Result<Pattern> pattern_of(const QueueRequest& request) {
  QueueFilter rest = request.filter;
  rest.sender.clear();
  rest.destination.clear();
  if (request.filter.sender.empty() == request.filter.destination.empty() || !rest.everything()) {
    return fail(std::errc::invalid_argument,
                request.command + " wants --destination GLOB or --sender GLOB, one of them");
  }
  return request.filter.sender.empty()
             ? Pattern{Suspension::Of::destination, request.filter.destination}
             : Pattern{Suspension::Of::sender, request.filter.sender};
}

Result<Suspension> suspension_of(const QueueRequest& request, WallTime now) {
  TRY(Pattern pattern, pattern_of(request));
  if (request.why.empty()) {
    return fail(std::errc::invalid_argument,
                "suspend wants --why TEXT, for whoever finds the mail waiting");
  }
  if (request.duration <= milliseconds(0) || request.duration > longest) {
    return fail(std::errc::invalid_argument,
                "suspend wants --for TIME, at most 30d: what nobody remembers must end by itself");
  }
  // Whole seconds, as the file has them.
  const WallTime until = std::chrono::ceil<seconds>(now + request.duration);
  return Suspension{pattern.of, std::move(pattern.text), until, request.why};
}

/// How many messages wait in each waiting room.
std::unordered_map<std::string, std::size_t> waiting_rooms(const Scheduler& scheduler) {
  std::unordered_map<std::string, std::size_t> out;
  for (std::uint32_t number = 0; number < scheduler.destination_bound(); ++number) {
    const Destination* const room = scheduler.destination(number);
    if (room && room->suspension) out[room->key()] = room->queued();
  }
  return out;
}

}  // namespace

std::vector<Suspension> SuspensionDesk::in_force() const {
  const WallTime now = parts_.clock.wall();
  std::vector<Suspension> out = parts_.dispatcher.suspensions().all();
  std::erase_if(out, [now](const Suspension& each) { return each.until <= now; });
  return out;
}

Task<Result<>> SuspensionDesk::keep() {
  parts_.orders.orders().suspensions = in_force();
  auto saved = co_await parts_.orders.save();
  if (saved) co_return saved;
  co_return fail_at("in force, but only until the gateway restarts, since it could not be saved",
                    saved.error());
}

Task<bool> SuspensionDesk::show(const QueueRequest& request, std::vector<Suspension> suspensions,
                                DeskAnswer& answer) {
  const auto rooms = waiting_rooms(parts_.dispatcher.scheduler());
  std::string text;
  if (request.table) text = "#of\tpattern\tuntil\twaiting\twhy\n";
  for (const Suspension& each : suspensions) {
    const auto room = rooms.find(each.text());
    const std::size_t waiting = room == rooms.end() ? 0 : room->second;
    if (request.table) {
      append_cell(text, name_of(each.of));
      append_cell(text, each.pattern);
      append_time(text, each.until);
      append_number(text, waiting);
      append_cell(text, each.reason, '\n');
      continue;
    }
    json::object line;
    line["of"] = name_of(each.of);
    line["pattern"] = utf8_or_escaped(each.pattern);
    line["until"] = epoch_seconds(each.until);
    line["waiting"] = waiting;
    line["why"] = utf8_or_escaped(each.reason);
    text += json::serialize(line) + '\n';
  }
  co_return co_await answer.rows(std::move(text), request.table);
}

Task<Result<std::uint64_t>> SuspensionDesk::suspend(QueueRequest request, DeskAnswer& answer) {
  CO_TRY(Suspension wanted, suspension_of(request, parts_.clock.wall()));
  if (in_force().size() >= most_suspensions) {
    co_return fail(std::errc::invalid_argument,
                   "there are 256 suspensions already: a wider pattern may stand for several "
                   "(`postern queue suspensions`)");
  }
  if (!request.dry_run) {
    log(suspended, {{"of", name_of(wanted.of)},
                    {"pattern", wanted.pattern},
                    {"for", format_duration(request.duration)},
                    {"reason", wanted.reason}});
    parts_.dispatcher.suspend(wanted);
    CO_TRY(co_await keep());
  }
  std::vector<Suspension> shown{std::move(wanted)};
  co_await show(request, std::move(shown), answer);
  co_return 1U;
}

Task<Result<std::uint64_t>> SuspensionDesk::resume(QueueRequest request, DeskAnswer& answer) {
  CO_TRY(const Pattern pattern, pattern_of(request));
  std::vector<Suspension> meant = in_force();
  std::erase_if(meant, [&pattern](const Suspension& each) {
    return each.of != pattern.of || each.pattern != pattern.text;
  });
  if (meant.empty()) {
    co_return fail(std::errc::no_such_file_or_directory,
                   "there is no suspension of " + std::string(name_of(pattern.of)) + " " +
                       pattern.text + " (`postern queue suspensions` shows those there are)");
  }
  co_await show(request, meant, answer);
  if (request.dry_run) co_return 1U;
  log(resumed, {{"of", name_of(pattern.of)}, {"pattern", pattern.text}});
  parts_.dispatcher.resume(pattern.of, pattern.text);
  CO_TRY(co_await keep());
  co_return 1U;
}

Task<Result<std::uint64_t>> SuspensionDesk::list(QueueRequest request, DeskAnswer& answer) {
  std::vector<Suspension> all = in_force();
  const std::uint64_t count = all.size();
  co_await show(request, std::move(all), answer);
  co_return count;
}

}  // namespace postern
