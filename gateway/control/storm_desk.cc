#include "gateway/control/storm_desk.h"

#include <boost/json.hpp>

#include "gateway/control/rows.h"

namespace postern {
namespace {

namespace json = boost::json;

constexpr std::int64_t protocol_version = 1;
constexpr std::size_t deepest = 8;

struct Request {
  std::string command, preset, why;
};

Result<Request> parse(std::string_view line) {
  boost::system::error_code error;
  json::parse_options options;
  options.max_depth = deepest;
  const json::value value = json::parse(line, error, {}, options);
  const json::object* object = error ? nullptr : value.if_object();
  if (!object) return fail(std::errc::invalid_argument, "the request is no JSON object");
  Request request;
  bool versioned = false;
  for (const auto& item : *object) {
    const json::string* text = item.value().if_string();
    if (item.key() == "v") {
      versioned = item.value().is_int64() && item.value().as_int64() == protocol_version;
    } else if (item.key() == "command" && text) {
      request.command = *text;
    } else if (item.key() == "preset" && text) {
      request.preset = *text;
    } else if (item.key() == "why" && text) {
      request.why = *text;
    } else {
      return fail(std::errc::invalid_argument,
                  "\"" + std::string(item.key()) + "\" is no key of a storm's request, or no text");
    }
  }
  if (!versioned)
    return fail(std::errc::protocol_not_supported, "this gateway speaks version 1 of the protocol");
  return request;
}

std::string line_of(const Storm::Line& line) {
  json::object out;
  out["name"] = line.name;
  out["state"] = line.state;
  out["messages"] = line.messages;
  out["text"] = utf8_or_escaped(line.text);
  return json::serialize(out) + "\n";
}

Task<void> send_line(DeskAnswer& answer, Storm::Line line) {
  std::string text = line_of(line);
  co_await answer.lines(std::move(text));
}

std::string rates_text(const StormWatch::Rates& rates) {
  const auto whole = [](double number) { return std::to_string(static_cast<long>(number + 0.5)); };
  return whole(rates.arrived) + " arrived, " + whole(rates.deferred) + " deferred and " +
         whole(rates.bounced) + " bounced at their first attempt in the last minute";
}

}  // namespace

bool StormDesk::means(std::string_view request) {
  boost::system::error_code error;
  json::parse_options options;
  options.max_depth = deepest;
  const json::value value = json::parse(request, error, {}, options);
  const json::object* object = error ? nullptr : value.if_object();
  const json::value* command = object ? object->if_contains("command") : nullptr;
  return command && command->is_string() && command->as_string().starts_with("storm.");
}

Storm::Ended StormDesk::show(Storm::Say say) {
  std::vector<Storm::Line> lines = co_await storm_.status();
  const auto rates = watch_.rates(clock_.steady());
  lines.push_back({"watch", watch_.suspected() ? "suspected" : "calm", 0, rates_text(rates)});
  const std::uint64_t count = lines.size();
  for (Storm::Line& line : lines) co_await say(std::move(line));
  co_return count;
}

Storm::Ended StormDesk::run(std::string line, DeskAnswer& answer) {
  CO_TRY(const Request request, parse(line));
  Storm::Say say = [&answer](Storm::Line each) { return send_line(answer, std::move(each)); };
  if (request.command == "storm.status") co_return co_await show(std::move(say));
  if (request.command == "storm.off") co_return co_await storm_.off(std::move(say));
  if (request.command != "storm.on")
    co_return fail(std::errc::not_supported, "unknown command \"" + request.command + "\"");
  const auto preset = preset_named(request.preset);
  if (!preset) {
    co_return fail(std::errc::invalid_argument,
                   "there is no preset \"" + request.preset + "\": gentle or brute");
  }
  co_return co_await storm_.on(*preset, request.why, std::move(say));
}

Task<void> StormDesk::answer(std::string request, DeskAnswer::Send send) {
  DeskAnswer answer(std::move(send));
  const auto done = co_await run(std::move(request), answer);
  json::object end;
  end["v"] = protocol_version;
  end["end"] = true;
  if (done) {
    end["count"] = *done;
  } else {
    end["error"] = utf8_or_escaped(done.error().what);
    end["kind"] = done.error().code == std::errc::invalid_argument ? "usage" : "failed";
  }
  std::string text = json::serialize(end) + "\n";
  co_await answer.lines(std::move(text));
}

}  // namespace postern
