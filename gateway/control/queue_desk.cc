#include "gateway/control/queue_desk.h"

#include <boost/json.hpp>

#include "gateway/base/bytes.h"
#include "gateway/control/backup_desk.h"
#include "gateway/control/destination_list.h"
#include "gateway/control/message_details.h"
#include "gateway/control/queue_changes.h"
#include "gateway/control/rows.h"
#include "gateway/control/selection.h"
#include "gateway/control/shape.h"
#include "gateway/control/suspension_desk.h"

namespace postern {
namespace {

namespace json = boost::json;

constexpr std::size_t row_estimate = 200;  // octets

/// What the asker can make of an error: see the exit codes in README.md.
std::string_view kind_of(const Error& error) {
  if (error.code == std::errc::invalid_argument) return "usage";
  if (error.code == std::errc::no_such_file_or_directory) return "unknown";
  return "failed";
}

std::string last_line(const Result<std::uint64_t>& done) {
  json::object end;
  end["v"] = 1;
  end["end"] = true;
  if (done) {
    end["count"] = *done;
  } else {
    end["error"] = utf8_or_escaped(done.error().what);
    end["kind"] = kind_of(done.error());
  }
  return json::serialize(end) + "\n";
}

}  // namespace

Task<Result<std::uint64_t>> QueueDesk::list(QueueRequest request, DeskAnswer& answer) {
  Selection selection(parts_, request.filter);
  co_await selection.find();
  std::string text;
  std::uint64_t count = 0;
  const Selection::See see = [&](const MessageSummary& message, const Standing& standing) {
    request.table ? append_message_row(text, message, standing)
                  : append_message_json(text, message, standing);
    ++count;
  };
  if (request.table) text = message_heading;
  do {
    std::string piece = std::exchange(text, {});
    text.reserve(Selection::slice * row_estimate);
    if (!co_await answer.rows(std::move(piece), request.table)) co_return count;
  } while (co_await selection.next(see));
  if (count == 0 && !request.filter.id.empty()) {
    co_return fail(std::errc::no_such_file_or_directory,
                   "there is no such message " + request.filter.id + " in the queue");
  }
  co_return count;
}

Task<Result<std::uint64_t>> QueueDesk::shape(QueueRequest request, DeskAnswer& answer) {
  const auto by = Shape::by_name(request.by.empty() ? "destination" : request.by);
  if (!by) {
    co_return fail(std::errc::invalid_argument,
                   "--by is destination, sender, client or reason, not " + printable(request.by));
  }
  const WallTime now = parts_.clock.wall();
  const bool held_too = request.filter.state == "hold";
  Shape shape(*by, now);
  if (*by == Shape::By::reason || request.filter.needs_standing()) {
    Selection selection(parts_, request.filter);
    co_await selection.find();
    const Selection::See see = [&](MessageSummary message, const Standing& standing) {
      if (standing.state == QueueState::hold && !held_too) return;
      message.recipients_key = 0;  // each look is a call of its own
      shape.add(message, standing.reason);
    };
    while (co_await selection.next(see)) {
    }
  } else {
    co_await parts_.files.run(parts_.loop, [&] {
      parts_.spool.look_at_all([&](const MessageSummary& message) {
        if ((message.hold.empty() || held_too) && request.filter.may_match(message, now))
          shape.add(message, {});
      });
      return true;
    });
  }
  std::string text = request.table ? shape.table(request.top) : shape.json_lines(request.top);
  co_await answer.rows(std::move(text), request.table);
  co_return shape.messages();
}

Task<Result<std::uint64_t>> QueueDesk::run(QueueRequest request, DeskAnswer& answer) {
  const std::string command = request.command;
  if (command == "list") co_return co_await list(std::move(request), answer);
  if (command == "shape") co_return co_await shape(std::move(request), answer);
  if (command == "show" || command == "cat") {
    const auto id = MessageId::parse(request.filter.id);
    if (!id) co_return fail(std::errc::invalid_argument, command + " wants a queue id");
    if (command == "show") co_return co_await show_message(parts_, *id, answer);
    co_return co_await print_message(parts_, *id, answer);
  }
  if (QueueChanges::knows(command)) {
    QueueChanges changes(parts_);
    co_return co_await changes.run(std::move(request), answer);
  }
  SuspensionDesk suspensions(parts_);
  if (command == "suspend") co_return co_await suspensions.suspend(std::move(request), answer);
  if (command == "resume") co_return co_await suspensions.resume(std::move(request), answer);
  if (command == "suspensions") co_return co_await suspensions.list(std::move(request), answer);
  if (command == "destinations")
    co_return co_await list_destinations(parts_, std::move(request), answer);
  if (command == "backup") co_return co_await back_up(parts_, std::move(request), answer);
  co_return fail(std::errc::invalid_argument, "unknown command \"queue." + command + "\"");
}

Task<void> QueueDesk::answer(std::string line, DeskAnswer::Send send) {
  DeskAnswer answer(std::move(send));
  Result<std::uint64_t> done = 0U;
  if (auto request = parse_queue_request(line); !request) {
    done = std::unexpected(request.error());
  } else {
    done = co_await run(*std::move(request), answer);
  }
  std::string end = last_line(done);
  co_await answer.lines(std::move(end));
}

}  // namespace postern
