#include "gateway/control/storm_command.h"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <cstdio>

#include "gateway/base/bytes.h"
#include "gateway/control/client.h"
#include "gateway/mail/address.h"

namespace postern {
namespace {

namespace json = boost::json;

constexpr int usage_error = 64, no_gateway = 69, gateway_failed = 74;
constexpr std::size_t longest_cell = 1000;

std::string request_of(const StormCommand& command) {
  json::object request;
  request["v"] = 1;
  request["command"] = "storm." + command.action;
  if (command.action == "on") {
    request["preset"] = command.preset;
    request["why"] = command.why;
  }
  return json::serialize(request);
}

void print_row(const std::string& line) {
  boost::system::error_code error;
  const json::value value = json::parse(line, error);
  const json::object* object = error ? nullptr : value.if_object();
  if (!object) return;
  const auto cell = [object](const char* key) {
    const json::value* found = object->if_contains(key);
    const json::string* text = found ? found->if_string() : nullptr;
    return text ? printable(std::string_view(*text), longest_cell) : std::string("-");
  };
  const json::value* messages = object->if_contains("messages");
  fmt::print("{}\t{}\t{}\t{}\n", cell("name"), cell("state"),
             messages && messages->is_number() ? messages->to_number<std::uint64_t>() : 0,
             cell("text"));
}

}  // namespace

int run_storm_command(const std::string& control_socket, const StormCommand& command) {
  if (!valid_utf8(command.why)) {
    fmt::print(stderr, "postern storm {}: --why is not UTF-8\n", command.action);
    return usage_error;
  }
  if (!command.json) std::puts("#what\tstate\tmessages\ttext");
  const AnswerReader reader{[&command](const std::string& line) {
                              if (command.json) {
                                std::puts(line.c_str());
                              } else {
                                print_row(line);
                              }
                              std::fflush(stdout);  // a step takes a while; the last is news
                            },
                            [](std::string_view) {}};
  const auto answer = ask_gateway(control_socket, request_of(command), reader);
  const auto complain = [&command](const std::string& what) {
    fmt::print(stderr, "postern storm {}: {}\n", command.action, what);
  };
  if (!answer) {
    complain(answer.error().what);
    return no_gateway;
  }
  if (!answer->error.empty()) {
    complain(answer->error);
    return answer->kind == "usage" ? usage_error : gateway_failed;
  }
  if (command.action != "status")
    fmt::print(stderr, "{} message{}\n", answer->count, answer->count == 1 ? "" : "s");
  return 0;
}

}  // namespace postern
