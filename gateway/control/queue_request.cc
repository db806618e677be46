#include "gateway/control/queue_request.h"

#include <boost/json.hpp>
#include <map>

#include "gateway/base/bytes.h"
#include "gateway/base/config.h"
#include "gateway/mail/address.h"

namespace postern {
namespace {

namespace json = boost::json;

constexpr std::int64_t protocol_version = 1;
constexpr std::size_t deepest = 8;
/// Longer than any address (RFC 5321 §4.5.3.1), and room for a sentence.
constexpr std::size_t longest_text = 500;
constexpr std::size_t most_rows = 100'000;

std::unexpected<Error> wrong(std::string what) {
  return fail(std::errc::invalid_argument, std::move(what));
}

Result<std::string> text_of(std::string_view key, const json::value& value) {
  const json::string* text = value.if_string();
  if (!text) return wrong(std::string(key) + " must be a text");
  std::string out(*text);
  if (out.size() > longest_text)
    return wrong(std::string(key) + " has more than " + std::to_string(longest_text) + " octets");
  for (const char c : out) {
    if (static_cast<unsigned char>(c) < ' ' || c == 0x7f)
      return wrong(std::string(key) + " must be one line, without control characters");
  }
  return out;
}

Result<> read_filter(const json::value& value, QueueFilter& filter) {
  const json::object* object = value.if_object();
  if (!object) return wrong("filter must be an object");
  const std::map<std::string_view, std::string QueueFilter::*> texts{
      {"id", &QueueFilter::id},
      {"sender", &QueueFilter::sender},
      {"recipient", &QueueFilter::recipient},
      {"destination", &QueueFilter::destination},
      {"state", &QueueFilter::state},
      {"reason", &QueueFilter::reason},
      {"client", &QueueFilter::client}};
  for (const auto& item : *object) {
    TRY(std::string text, text_of(item.key(), item.value()));
    if (const auto known = texts.find(item.key()); known != texts.end()) {
      filter.*known->second = std::move(text);
    } else if (item.key() == "age") {
      TRY(filter.age, parse_duration(text));
    } else if (item.key() == "younger") {
      TRY(filter.younger, parse_duration(text));
    } else if (item.key() == "size") {
      TRY(filter.size, parse_size(text));
    } else {
      return wrong("unknown filter \"" + printable(item.key()) + "\"");
    }
  }
  return filter.check();
}

Result<> read_key(std::string_view key, const json::value& value, QueueRequest& request) {
  if (key == "filter") return read_filter(value, request.filter);
  if (key == "dry_run") {
    if (!value.is_bool()) return wrong("dry_run is true or false");
    request.dry_run = value.as_bool();
    return {};
  }
  if (key == "top") {
    const auto* number = value.if_int64();
    if (!number || *number < 1 || *number > static_cast<std::int64_t>(most_rows))
      return wrong("top is a number from 1 to " + std::to_string(most_rows));
    request.top = static_cast<std::size_t>(*number);
    return {};
  }
  TRY(std::string text, text_of(key, value));
  if (key == "command") {
    if (!text.starts_with("queue.")) return wrong("unknown command \"" + printable(text) + "\"");
    request.command = text.substr(6);
  } else if (key == "why") {
    request.why = std::move(text);
  } else if (key == "to") {
    request.to = std::move(text);
  } else if (key == "for") {
    TRY(request.duration, parse_duration(text));
  } else if (key == "by") {
    request.by = std::move(text);
  } else if (key == "as") {
    if (text != "table" && text != "json") return wrong("as is table or json");
    request.table = text == "table";
  } else {
    return wrong("unknown key \"" + printable(key) + "\"");
  }
  return {};
}

}  // namespace

Result<QueueRequest> parse_queue_request(std::string_view line) {
  boost::system::error_code error;
  json::parse_options options;
  options.max_depth = deepest;
  const json::value value = json::parse(line, error, {}, options);
  const json::object* object = error ? nullptr : value.if_object();
  if (!object) return wrong("the request is no JSON object");
  const auto* version = object->if_contains("v");
  if (!version || !version->is_int64() || version->as_int64() != protocol_version)
    return wrong("this gateway speaks version 1 of the protocol: use its own `postern`");
  QueueRequest request;
  for (const auto& item : *object) {
    if (item.key() != "v") TRY(read_key(item.key(), item.value(), request));
  }
  return request;
}

}  // namespace postern
