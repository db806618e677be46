#include "gateway/control/queue_desk.h"

#include <boost/json.hpp>

#include "gateway/base/bytes.h"
#include "gateway/base/log.h"

namespace postern {
namespace {

namespace json = boost::json;

constexpr Event by_hand{"queue-command", Level::info,
                        "An administrator changed the queue with `postern queue`."};
constexpr std::int64_t protocol_version = 1;

std::string text_of(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value && value->is_string() ? std::string(value->as_string()) : std::string();
}

std::int64_t epoch_seconds(WallTime time) {
  return std::chrono::duration_cast<seconds>(time.time_since_epoch()).count();
}

std::string utf8_or_escaped(const std::string& text) {
  return valid_utf8(text) ? text : printable(text, 1000);
}

json::object describe_message(const Envelope& envelope, const std::string& state, bool whole) {
  json::object out;
  out["id"] = envelope.id.text();
  out["state"] = state;
  out["arrival"] = epoch_seconds(envelope.arrival);
  out["size"] = envelope.content_size;
  out["sender"] = utf8_or_escaped(envelope.sender);
  json::array recipients;
  for (const QueuedRecipient& recipient : envelope.recipients) {
    if (recipient.open() || whole) recipients.emplace_back(utf8_or_escaped(recipient.address));
  }
  out["recipients"] = std::move(recipients);
  out["attempts"] = envelope.attempts;
  out["next"] = epoch_seconds(envelope.next_attempt);
  out["reason"] = utf8_or_escaped(envelope.hold.empty() ? envelope.last_reply : envelope.hold);
  if (whole) {
    out["client"] = envelope.client_address;
    out["client_name"] = utf8_or_escaped(envelope.client_name);
    out["helo"] = utf8_or_escaped(envelope.helo);
    json::array variants;
    for (const Variant& variant : envelope.variants)
      variants.emplace_back(utf8_or_escaped(variant.prepend));
    out["prepend"] = std::move(variants);
  }
  return out;
}

}  // namespace

Result<QueueDesk::Request> QueueDesk::parse(const std::string& line) {
  boost::system::error_code error;
  json::parse_options options;
  options.max_depth = 8;
  const json::value value = json::parse(line, error, {}, options);
  if (error || !value.is_object())
    return fail(std::errc::invalid_argument, "the request is no JSON object");
  const json::object& object = value.as_object();
  const auto* version = object.if_contains("v");
  if (!version || !version->is_int64() || version->as_int64() != protocol_version) {
    return fail(std::errc::protocol_not_supported, "this gateway speaks version 1 of the protocol");
  }
  Request request;
  request.command = text_of(object, "command");
  request.reason = text_of(object, "reason");
  const auto* dry = object.if_contains("dry_run");
  request.dry_run = dry && dry->is_bool() && dry->as_bool();
  if (const auto* filter = object.if_contains("filter"); filter && filter->is_object()) {
    const json::object& f = filter->as_object();
    request.filter = {text_of(f, "id"),          text_of(f, "sender"), text_of(f, "recipient"),
                      text_of(f, "destination"), text_of(f, "state"),  text_of(f, "reason"),
                      text_of(f, "client"),      milliseconds(0)};
    if (const std::string age = text_of(f, "age"); !age.empty()) {
      TRY(request.filter.age, parse_duration(age));
    }
  }
  return request;
}

std::string QueueDesk::state_of(const Envelope& envelope) const {
  if (!envelope.hold.empty()) return "hold";
  return dispatcher_.is_active(envelope.id) || envelope.attempts == 0 ? "active" : "deferred";
}

Task<std::vector<QueueDesk::Matched>> QueueDesk::select(QueueFilter filter) {
  Spool& spool = spool_;
  const std::string wanted = filter.id;
  auto envelopes = co_await files_.run(loop_, [&spool, wanted] {
    std::vector<Envelope> out;
    std::vector<MessageId> ids;
    if (!wanted.empty()) {
      if (const auto id = MessageId::parse(wanted)) ids.push_back(*id);
    } else {
      ids = spool.ids();
    }
    for (const MessageId id : ids) {
      if (auto envelope = spool.envelope(id)) out.push_back(std::move(*envelope));
    }
    return out;
  });
  std::vector<Matched> matched;
  for (Envelope& envelope : envelopes) {
    std::string state = state_of(envelope);
    if (filter.matches(envelope, state, clock_.wall()))
      matched.push_back({std::move(envelope), std::move(state)});
  }
  co_return matched;
}

Task<Result<>> QueueDesk::act(const Request& request, const Envelope& envelope) {
  const MessageId id = envelope.id;
  if (request.command == "queue.hold") {
    const std::string reason =
        request.reason.empty() ? "held by the administrator" : request.reason;
    co_return co_await dispatcher_.hold(id, reason);
  }
  if (request.command == "queue.release") co_return co_await dispatcher_.release(id);
  if (request.command == "queue.delete") co_return co_await dispatcher_.remove(id);
  if (envelope.hold.empty()) dispatcher_.flush(id);
  co_return Result<>{};
}

Task<Result<std::size_t>> QueueDesk::run(const Request& request, const Write& write) {
  const bool shows = request.command == "queue.list" || request.command == "queue.show";
  const bool changes = request.command == "queue.hold" || request.command == "queue.release" ||
                       request.command == "queue.delete" || request.command == "queue.requeue" ||
                       request.command == "queue.flush";
  if (!shows && !changes && request.command != "queue.cat") {
    co_return fail(std::errc::not_supported, "unknown command \"" + request.command + "\"");
  }
  if (request.command == "queue.flush" && request.filter.everything() && !request.dry_run) {
    const std::size_t deferred = dispatcher_.scheduler().backlog();
    dispatcher_.flush();
    log(by_hand, {{"command", request.command}, {"messages", deferred}});
    co_return deferred;
  }
  const auto matched = co_await select(request.filter);
  if (!request.filter.id.empty() && matched.empty()) {
    co_return fail(std::errc::no_such_file_or_directory,
                   "there is no message " + request.filter.id + " in the queue");
  }
  for (const Matched& message : matched) {
    json::object line =
        describe_message(message.envelope, message.state, request.command == "queue.show");
    if (request.command == "queue.cat") {
      auto content = spool_.content(message.envelope.id);
      if (!content) co_return std::unexpected(content.error());
      const Rendered rendered = render(message.envelope.variants.front(), *content);
      // JSON strings are UTF-8, mail is octets: they travel in hex.
      line["octets"] = hex(rendered.prefix + *rendered.body);
    }
    if (changes && !request.dry_run) {
      auto done = co_await act(request, message.envelope);
      if (!done) co_return std::unexpected(done.error());
      log(by_hand, {{"command", request.command},
                    {"queue", message.envelope.id.text()},
                    {"reason", request.reason}});
    }
    std::string text = json::serialize(line);
    if (!co_await write(std::move(text))) break;
  }
  co_return matched.size();
}

Task<void> QueueDesk::answer(std::string line, Write write) {
  Result<std::size_t> done = 0U;
  if (const auto request = parse(line); !request) {
    done = std::unexpected(request.error());
  } else {
    done = co_await run(*request, write);
  }
  json::object end;
  end["v"] = protocol_version;
  end["end"] = true;
  if (done) {
    end["count"] = *done;
  } else {
    end["error"] = done.error().what;
  }
  std::string text = json::serialize(end);
  co_await write(std::move(text));
}

}  // namespace postern
