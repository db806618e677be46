#include "gateway/control/queue_command.h"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <chrono>
#include <cstdio>

#include "gateway/base/bytes.h"
#include "gateway/control/client.h"

namespace postern {
namespace {
namespace json = boost::json;

std::string request_of(const QueueCommand& command) {
  json::object filter;
  const auto set = [&](const char* key, const std::string& value) {
    if (!value.empty()) filter[key] = value;
  };
  set("id", command.id);
  set("sender", command.sender);
  set("recipient", command.recipient);
  set("destination", command.destination);
  set("state", command.state);
  set("reason", command.reason);
  set("client", command.client);
  set("age", command.age);
  json::object request;
  request["v"] = 1;
  request["command"] = "queue." + command.action;
  request["filter"] = std::move(filter);
  request["dry_run"] = command.dry_run;
  if (!command.why.empty()) request["reason"] = command.why;
  return json::serialize(request);
}

std::string utc(std::int64_t epoch) {
  if (epoch == 0) return "-";
  const std::time_t time = epoch;
  std::tm parts{};
  ::gmtime_r(&time, &parts);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", parts.tm_year + 1900, parts.tm_mon + 1,
                     parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec);
}

std::string text_at(const json::object& object, const char* key) {
  const auto* value = object.if_contains(key);
  return value && value->is_string() ? std::string(value->as_string()) : "";
}

std::int64_t number_at(const json::object& object, const char* key) {
  const auto* value = object.if_contains(key);
  return value && value->is_number() ? value->to_number<std::int64_t>() : 0;
}

// Columns are separated by tabs: what came from outside cannot hold one.
std::string cell(const std::string& text) { return text.empty() ? "-" : printable(text, 500); }

std::string recipients_of(const json::object& message) {
  std::string out;
  if (const auto* list = message.if_contains("recipients"); list && list->is_array()) {
    for (const auto& address : list->as_array()) {
      if (address.is_string()) out += (out.empty() ? "" : ",") + std::string(address.as_string());
    }
  }
  return out;
}

void print_row(const json::object& message) {
  const std::string sender = text_at(message, "sender");
  fmt::print("{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\n", text_at(message, "id"),
             text_at(message, "state"), utc(number_at(message, "arrival")),
             number_at(message, "size"), number_at(message, "attempts"),
             utc(number_at(message, "next")), sender.empty() ? "<>" : cell(sender),
             cell(recipients_of(message)), cell(text_at(message, "reason")));
}

void print_whole(const json::object& message) {
  for (const auto& item : message) {
    const std::string value = item.value().is_string() ? std::string(item.value().as_string())
                                                       : json::serialize(item.value());
    fmt::print("{}\t{}\n", std::string(item.key()), printable(value, 4000));
  }
}

void print_octets(const json::object& message) {
  const std::string text = text_at(message, "octets");
  std::string octets;
  octets.reserve(text.size() / 2);
  const auto nibble = [](char c) { return is_digit(c) ? c - '0' : c - 'a' + 10; };
  for (std::size_t i = 0; i + 1 < text.size(); i += 2)
    octets += static_cast<char>(nibble(text[i]) * 16 + nibble(text[i + 1]));
  std::fwrite(octets.data(), 1, octets.size(), stdout);
}

}  // namespace

int run_queue_command(const std::string& control_socket, const QueueCommand& command) {
  const bool tabular = command.action != "show" && command.action != "cat";
  if (tabular && !command.json)
    std::puts("#id\tstate\tarrival\tsize\tattempts\tnext\tsender\trecipients\treason");
  const auto done = ask_gateway(control_socket, request_of(command), [&](const std::string& line) {
    if (command.json) {
      std::puts(line.c_str());
      return;
    }
    boost::system::error_code error;
    const json::value value = json::parse(line, error);
    if (error || !value.is_object()) return;
    if (command.action == "cat") return print_octets(value.as_object());
    if (command.action == "show") return print_whole(value.as_object());
    print_row(value.as_object());
  });
  std::fflush(stdout);
  if (!done) {
    fmt::print(stderr, "postern queue {}: {}\n", command.action, done.error().what);
    return done.error().code == std::errc::invalid_argument ? 1 : 69;
  }
  const bool changes =
      command.action != "list" && command.action != "show" && command.action != "cat";
  if (changes)
    fmt::print(stderr, "{} message{}{}\n", *done, *done == 1 ? "" : "s",
               command.dry_run ? " (nothing done: --dry-run)" : "");
  return 0;
}

}  // namespace postern
