#include "gateway/control/queue_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cstdio>

#include "gateway/base/bytes.h"
#include "gateway/control/client.h"
#include "gateway/control/rows.h"

namespace postern {
namespace {
namespace json = boost::json;

constexpr int unknown_message = 1;
constexpr int usage_error = 64;
constexpr int no_gateway = 69;
constexpr int gateway_failed = 74;

constexpr std::size_t longest_value = 4000;

std::string request_of(const QueueCommand& command) {
  json::object filter, request;
  const auto set = [](json::object& object, const char* key, const std::string& value) {
    if (!value.empty()) object[key] = value;
  };
  set(filter, "id", command.id);
  set(filter, "sender", command.sender);
  set(filter, "recipient", command.recipient);
  set(filter, "destination", command.destination);
  set(filter, "state", command.state);
  set(filter, "reason", command.reason);
  set(filter, "client", command.client);
  set(filter, "age", command.age);
  set(filter, "younger", command.younger);
  set(filter, "size", command.size);
  request["v"] = 1;
  request["command"] = "queue." + command.action;
  request["filter"] = std::move(filter);
  set(request, "why", command.why);
  set(request, "to", command.to);
  set(request, "for", command.duration);
  set(request, "by", command.by);
  if (command.top > 0) request["top"] = command.top;
  if (command.dry_run) request["dry_run"] = true;
  request["as"] = command.json ? "json" : "table";
  return json::serialize(request);
}

bool is_time(std::string_view key) { return key == "arrival" || key == "next"; }

std::string cell_of(std::string_view key, const json::value& value) {
  std::string text;
  if (is_time(key) && value.is_int64()) {
    append_time(text, WallTime(seconds(value.as_int64())));
    text.pop_back();
    return text;
  }
  text = value.is_string() ? std::string(value.as_string()) : json::serialize(value);
  return text.empty() ? (key == "sender" ? "<>" : "-") : printable(text, longest_value);
}

/// A list's items are rows of their own, "recipients\taddress=…\tstate=…".
void print_items(std::string_view key, const json::array& items) {
  for (const json::value& item : items) {
    fmt::print("{}", key);
    if (const json::object* object = item.if_object()) {
      for (const auto& part : *object)
        fmt::print("\t{}={}", std::string(part.key()), cell_of(part.key(), part.value()));
    }
    fmt::print("\n");
  }
}

void print_whole(const json::object& message) {
  for (const auto& item : message) {
    if (const json::array* items = item.value().if_array()) {
      print_items(item.key(), *items);
    } else {
      fmt::print("{}\t{}\n", std::string(item.key()), cell_of(item.key(), item.value()));
    }
  }
}

void print_line(const QueueCommand& command, const std::string& line) {
  boost::system::error_code error;
  if (command.json || command.action != "show") {
    std::puts(line.c_str());
    return;
  }
  const json::value value = json::parse(line, error);
  if (!error && value.is_object()) print_whole(value.as_object());
}

void print_count(const QueueCommand& command, std::uint64_t count) {
  constexpr std::string_view quiet[] = {"list",  "show",         "cat",
                                        "shape", "destinations", "suspensions"};
  if (std::ranges::find(quiet, command.action) != std::end(quiet)) return;
  const bool suspends = command.action == "suspend" || command.action == "resume";
  fmt::print(stderr, "{} {}{}{}\n", count, suspends ? "suspension" : "message",
             count == 1 ? "" : "s", command.dry_run ? " (nothing done: --dry-run)" : "");
}

int status_of(const std::string& kind) {
  if (kind == "usage") return usage_error;
  return kind == "unknown" ? unknown_message : gateway_failed;
}

}  // namespace

bool QueueCommand::selects() const {
  return std::ranges::any_of(
      std::initializer_list<const std::string*>{&id, &sender, &recipient, &destination, &state,
                                                &reason, &client, &age, &younger, &size},
      [](const std::string* word) { return !word->empty(); });
}

int run_queue_command(const std::string& control_socket, const QueueCommand& command) {
  const AnswerReader reader{
      [&command](const std::string& line) { print_line(command, line); },
      [](std::string_view octets) { std::fwrite(octets.data(), 1, octets.size(), stdout); }};
  const auto answer = ask_gateway(control_socket, request_of(command), reader);
  std::fflush(stdout);
  const auto complain = [&command](const std::string& what) {
    fmt::print(stderr, "postern queue {}: {}\n", command.action, what);
  };
  if (!answer) {
    complain(answer.error().what);
    return no_gateway;
  }
  if (!answer->error.empty()) {
    complain(answer->error);
    return status_of(answer->kind);
  }
  print_count(command, answer->count);
  return 0;
}

}  // namespace postern
