#include "gateway/control/destination_list.h"

#include <algorithm>
#include <boost/json.hpp>
#include <vector>

#include "gateway/base/glob.h"
#include "gateway/control/rows.h"
#include "gateway/control/standing.h"

namespace postern {
namespace {

namespace json = boost::json;

/// Looked at in one go, and rows sent in one piece.
constexpr std::uint32_t slice = 1000;

struct Row {
  std::string key, state, reason;
  std::uint64_t window = 0, busy = 0, waiting = 0;
  WallTime probe{};
};

bool meant(const Destination& destination, const std::string& pattern) {
  return pattern.empty() || glob_match(pattern, destination.key()) ||
         std::ranges::any_of(destination.names(), [&pattern](const std::string& name) {
           return glob_match(pattern, name);
         });
}

Row row_of(const Destination& destination, const Placing::Moment& now) {
  Row out;
  out.key = destination.key();
  out.window = static_cast<std::uint64_t>(std::max<std::int64_t>(destination.window(), 0));
  out.busy = static_cast<std::uint64_t>(std::max<std::int64_t>(destination.busy(), 0));
  out.waiting = destination.queued();
  out.state = "alive";
  if (destination.dead(now.steady)) {
    out.state = destination.suspension ? "suspended" : "dead";
    out.reason = destination.dead_reason();
    out.probe = wall_time_of(destination.dead_until(), now);
  }
  return out;
}

void append(std::string& out, const Row& row, bool table) {
  if (table) {
    append_cell(out, row.key);
    append_cell(out, row.state);
    append_number(out, row.window);
    append_number(out, row.busy);
    append_number(out, row.waiting);
    append_time(out, row.probe);
    append_cell(out, row.reason, '\n');
    return;
  }
  json::object line;
  line["destination"] = utf8_or_escaped(row.key);
  line["state"] = row.state;
  line["window"] = row.window;
  line["busy"] = row.busy;
  line["waiting"] = row.waiting;
  line["probe"] = epoch_seconds(row.probe);
  line["reason"] = utf8_or_escaped(row.reason);
  out += json::serialize(line) + '\n';
}

}  // namespace

Task<Result<std::uint64_t>> list_destinations(DeskParts parts, QueueRequest request,
                                              DeskAnswer& answer) {
  const Scheduler& scheduler = parts.dispatcher.scheduler();
  std::vector<Row> rows;
  for (std::uint32_t number = 0; number < scheduler.destination_bound(); ++number) {
    const Destination* const destination = scheduler.destination(number);
    if (destination && meant(*destination, request.filter.destination))
      rows.push_back(row_of(*destination, parts.now()));
    if (number % slice == slice - 1) co_await parts.loop.sleep_until(parts.loop.now());
  }
  std::ranges::sort(rows, [](const Row& a, const Row& b) {
    return a.waiting != b.waiting ? a.waiting > b.waiting : a.key < b.key;
  });
  std::string text;
  if (request.table) text = "#destination\tstate\twindow\tbusy\twaiting\tprobe\treason\n";
  for (std::size_t i = 0; i < rows.size(); ++i) {
    append(text, rows[i], request.table);
    if (i % slice != slice - 1 && i + 1 < rows.size()) continue;
    std::string piece = std::exchange(text, {});
    if (!co_await answer.rows(std::move(piece), request.table)) break;
  }
  co_await answer.octets(std::move(text));  // the heading alone
  co_return rows.size();
}

}  // namespace postern
