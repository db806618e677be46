// main.cc — the command line: parses it, and calls what it names. Everything else is elsewhere.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <string>
#include <vector>

#include "gateway/commands.h"
#include "gateway/control/queue_command.h"
#include "gateway/supervisor.h"

namespace {

using postern::QueueCommand;

constexpr int usage_error = 64;
const char* const default_configuration = "/etc/postern/postern.toml";

struct Options {
  std::string config = default_configuration;
  std::string control;
  QueueCommand queue;
  std::string map, key;
  postern::ScanCommand scan;
  bool json = false;
  std::string message;
};

void add_serve(CLI::App& app, Options& options, int& status) {
  auto* serve = app.add_subcommand(
      "serve", "Run the gateway in the foreground (SIGHUP reloads, SIGTERM drains)");
  serve->add_option("--config", options.config, "Configuration file")->capture_default_str();
  serve->callback([&] { status = postern::supervise(options.config); });

  auto* check = app.add_subcommand("check", "Validate the configuration and all that it names");
  check->add_option("--config", options.config, "Configuration file")->capture_default_str();
  check->callback([&] { status = postern::check_configuration(options.config); });

  auto* manual = app.add_subcommand(
      "manual", "Print every configuration key with its default, as commented TOML");
  manual->callback([&] { status = postern::print_manual(); });
}

void add_queue(CLI::App& app, Options& options, int& status) {
  auto* queue = app.add_subcommand("queue", "Look at the queue, and change it");
  queue->require_subcommand(1);
  const std::pair<const char*, const char*> actions[] = {
      {"list", "Messages with state, age, attempts, next attempt and last reply"},
      {"show", "All that is known of a message"},
      {"cat", "A message as it will be delivered"},
      {"flush", "Try deferred messages now"},
      {"hold", "Keep messages back"},
      {"release", "Let held messages go"},
      {"delete", "Remove messages for good"},
      {"requeue", "Route messages anew and try them now"},
  };
  for (const auto& [name, help] : actions) {
    auto* action = queue->add_subcommand(name, help);
    QueueCommand& q = options.queue;
    action->add_option("id", q.id, "Queue id");
    action->add_option("--sender", q.sender,
                       "Reverse path; * matches anything, <> the null sender");
    action->add_option("--recipient", q.recipient, "A recipient that is still open");
    action->add_option("--destination", q.destination, "Domain of a recipient");
    action->add_option("--state", q.state, "active, deferred or hold");
    action->add_option("--reason", q.reason, "Text in the last reply or the hold reason");
    action->add_option("--client", q.client, "Address of the client it came from");
    action->add_option("--age", q.age, "At least that old: 2h, 3d");
    action->add_flag("--json", q.json, "JSON lines instead of columns");
    action->add_flag("--dry-run", q.dry_run, "Show what would be changed, and change nothing");
    if (std::string(name) == "hold")
      action->add_option("--why", q.why, "Reason to note in the queue");
    action->add_option("--config", options.config,
                       "Configuration file that names the control socket");
    action->add_option("--control", options.control, "Control socket, instead of a configuration");
    action->callback([&options, &status, name] {
      options.queue.action = name;
      const std::string action_name = name;
      const bool one = action_name == "show" || action_name == "cat";
      const bool selects = !options.queue.id.empty() || !options.queue.sender.empty() ||
                           !options.queue.recipient.empty() || !options.queue.destination.empty() ||
                           !options.queue.state.empty() || !options.queue.reason.empty() ||
                           !options.queue.client.empty() || !options.queue.age.empty();
      if (one && options.queue.id.empty())
        throw CLI::ValidationError(action_name, "needs a queue id");
      if (action_name != "list" && action_name != "flush" && !selects) {
        throw CLI::ValidationError(
            action_name, "needs a queue id or a filter; for all messages say --sender '*'");
      }
      status = postern::with_control_socket(
          options.control, options.config,
          [&](const std::string& path) { return postern::run_queue_command(path, options.queue); });
    });
  }
}

void add_tools(CLI::App& app, Options& options, int& status) {
  auto* map = app.add_subcommand("map", "Ask a lookup table, as the configuration names it");
  map->require_subcommand(1);
  auto* query =
      map->add_subcommand("query", "Print the value of KEY (exit 0), or nothing (exit 1)");
  query->add_option("map", options.map, "hash:FILE, cidr:FILE, inline:{…} …")->required();
  query->add_option("key", options.key)->required();
  query->callback([&] { status = postern::query_map(options.map, options.key); });
  auto* check = map->add_subcommand("check", "Read the whole table and name every bad line");
  check->add_option("map", options.map)->required();
  check->callback([&] { status = postern::check_map(options.map); });

  auto* scan = app.add_subcommand("scan", "Score messages: message, score, rules");
  scan->add_option("--rules", options.scan.rules, "Rule files or folders");
  scan->add_flag("--local", options.scan.local, "No network tests");
  scan->add_option("--jobs", options.scan.jobs, "Threads")->check(CLI::Range(1, 256));
  scan->add_option("paths", options.scan.paths,
                   "Messages, or folders of them; none: paths on standard input");
  scan->callback([&] { status = postern::scan_messages(options.scan); });

  auto* mime = app.add_subcommand("mime", "The part tree of a message");
  mime->add_flag("--json", options.json);
  mime->add_option("message", options.message, "File; - for standard input")->required();
  mime->callback([&] { status = postern::show_mime(options.message, options.json); });

  auto* selftest = app.add_subcommand("selftest", "Try to escape");
  selftest->require_subcommand(1);
  selftest
      ->add_subcommand("sandbox", "Try to escape from the workers' cage: name, refused or ESCAPED")
      ->callback([&] { status = postern::test_sandbox(); });
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  int status = 0;
  CLI::App app("Postern, the gate through which an organisation's mail passes", "postern");
  app.require_subcommand(1);
  app.set_version_flag("--version", postern::version());
  add_serve(app, options, status);
  add_queue(app, options, status);
  add_tools(app, options, status);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : usage_error;
  }
  return status;
}
