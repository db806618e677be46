// main.cc — the command line: parses it, and calls what it names. Everything else is elsewhere.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "gateway/bayes_command.h"
#include "gateway/commands.h"
#include "gateway/control/queue_command.h"
#include "gateway/control/storm_command.h"
#include "gateway/restore_command.h"
#include "gateway/rules_command.h"
#include "gateway/scan_command.h"
#include "gateway/supervisor.h"
#include "gateway/verify_command.h"

namespace {

using postern::QueueCommand;

constexpr int usage_error = 64;
const char* const default_configuration = "/etc/postern/postern.toml";

struct Options {
  std::string config = default_configuration;
  std::string control;
  QueueCommand queue;
  postern::StormCommand storm;
  std::string map, key;
  postern::ScanCommand scan;
  postern::BayesCommand bayes;
  postern::RulesCommand rules;
  postern::VerifyCommand verify;
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

// Which options a queue command takes.
enum Takes : unsigned {
  one_id = 1,       // a message, which must be named
  filter = 2,       // any words of the filter
  must_select = 4,  // at least one of them: the whole queue is not meant by saying nothing
  changes = 8,      // --dry-run
  counts = 16,      // --by, --top
  pattern = 32,     // --sender or --destination of a suspension
  next_hop = 64,    // --destination of a destination
  says_why = 128,
  says_for = 256,
  says_to = 512,
  directory = 1024,
};

struct QueueAction {
  const char* name;
  unsigned takes;
  const char* help;
};

constexpr QueueAction queue_actions[] = {
    {"list", filter,
     "Messages in order of arrival, with state, age, attempts, next attempt (-: as soon as there "
     "is "
     "room, or held), why they are still here and the last reply"},
    {"show", one_id, "All that is known of a message, each recipient with its state and route"},
    {"cat", one_id, "A message as it will be delivered"},
    {"shape", filter | counts,
     "Who fills the queue and since when: active and deferred messages by destination and age in "
     "minutes"},
    {"flush", filter | changes,
     "Try deferred messages now; those of a dead destination get another chance"},
    {"hold", filter | must_select | changes | says_why,
     "Keep messages back until they are released"},
    {"release", filter | must_select | changes, "Let held messages go"},
    {"delete", filter | must_select | changes,
     "Remove messages for good; their senders hear nothing"},
    {"requeue", filter | must_select | changes,
     "Route messages anew, without an earlier reroute, and try them now"},
    {"reroute", filter | must_select | changes | says_to,
     "Send messages to another next hop, and try them now"},
    {"bounce", filter | must_select | changes | says_why,
     "Return messages to their senders as undeliverable"},
    {"destinations", next_hop,
     "Next hops with state (alive, dead, suspended), window, deliveries under way, messages "
     "waiting, next probe and reason"},
    {"suspend", pattern | changes | says_why | says_for,
     "Let mail to a destination or from a sender wait, also over a restart"},
    {"resume", pattern | changes, "End a suspension, named as it was made"},
    {"backup", directory, "Copy the queue to an empty directory, while mail goes on"},
    {"suspensions", 0, "Suspensions with their end, how much waits, and why"},
};

void add_filter(CLI::App& action, QueueCommand& q) {
  action.add_option("id", q.id, "Queue id");
  action.add_option("--sender", q.sender,
                    "Reverse path; * matches anything here and below, <> is the null sender");
  action.add_option("--recipient", q.recipient, "A recipient that is still open");
  action.add_option("--destination", q.destination, "Domain of a recipient that is still open");
  action.add_option("--client", q.client, "Address of the client it came from: 192.0.2.*");
  action.add_option("--age", q.age, "At least that old: 2h, 3d");
  action.add_option("--younger", q.younger, "Younger than that: 10m");
  action.add_option("--size", q.size, "At least that large: 1MiB");
  action.add_option("--state", q.state, "active, deferred or hold")
      ->check(CLI::IsMember({"active", "deferred", "hold"}));
  action.add_option("--reason", q.reason, "Text in the hold reason, the reason or the last reply");
}

void add_queue_options(CLI::App& action, unsigned takes, QueueCommand& q) {
  if (takes & one_id) action.add_option("id", q.id, "Queue id")->required();
  if (takes & filter) add_filter(action, q);
  if (takes & pattern) {
    auto* to = action.add_option("--destination", q.destination,
                                 "Domain of recipients, or next hop; * matches anything");
    action.add_option("--sender", q.sender, "Reverse path; * matches anything, <> the null sender")
        ->excludes(to);
  }
  if (takes & next_hop)
    action.add_option("--destination", q.destination,
                      "Next hop, or a name of it; * matches anything");
  if (takes & counts) {
    action.add_option("--by", q.by, "destination (default), sender, client or reason")
        ->check(CLI::IsMember({"destination", "sender", "client", "reason"}));
    action.add_option("--top", q.top, "So many rows, the largest (20)")
        ->check(CLI::Range(1, 100000));
  }
  if (takes & says_why) {
    auto* why = action.add_option("--why", q.why, "Reason: stands in the queue, or in the bounce");
    if (takes & says_for || action.get_name() == "bounce") why->required();
  }
  if (takes & says_for)
    action.add_option("--for", q.duration, "How long, at most: 2h, 3d")->required();
  if (takes & says_to) {
    action
        .add_option("--to", q.to,
                    "As in a transport table: smtp:[192.0.2.1]:25; \"tables\" ends an earlier one")
        ->required();
  }
  if (takes & directory) {
    action.add_option("directory", q.to, "Empty, and mail_owner may write to it")
        ->required()
        ->transform([](const std::string& path) {
          return std::filesystem::absolute(path).lexically_normal().string();
        });
  }
  if (takes & changes)
    action.add_flag("--dry-run", q.dry_run, "Show what would be changed, and change nothing");
  if (action.get_name() != "cat")
    action.add_flag("--json", q.json, "JSON lines instead of columns");
}

void check_queue_command(const QueueAction& action, const QueueCommand& q) {
  if ((action.takes & must_select) && !q.selects()) {
    throw CLI::ValidationError(action.name,
                               "needs a queue id or a filter; for all messages say --sender '*'");
  }
  if ((action.takes & pattern) && q.sender.empty() && q.destination.empty())
    throw CLI::ValidationError(action.name, "needs --destination or --sender");
}

void add_restore(CLI::App& queue, Options& options, int& status) {
  auto* restore = queue.add_subcommand(
      "restore", "Make a backup the queue of a gateway that does not run and has none");
  restore->add_option("directory", options.queue.to, "As `queue backup` made it")->required();
  restore->add_option("--config", options.config, "Configuration file that names spool_directory")
      ->capture_default_str();
  restore->callback([&] { status = postern::restore_queue(options.queue.to, options.config); });
}

void add_queue(CLI::App& app, Options& options, int& status) {
  auto* queue = app.add_subcommand(
      "queue",
      "Look at the queue, and change it. Exit status: 0 done, 1 no such message, 64 usage, "
      "69 no gateway, 74 the gateway failed, 78 configuration");
  queue->require_subcommand(1);
  for (const QueueAction& each : queue_actions) {
    auto* action = queue->add_subcommand(each.name, each.help);
    add_queue_options(*action, each.takes, options.queue);
    action->add_option("--config", options.config,
                       "Configuration file that names the control socket");
    action->add_option("--control", options.control, "Control socket, instead of a configuration");
    action->callback([&options, &status, &each] {
      options.queue.action = each.name;
      check_queue_command(each, options.queue);
      status = postern::with_control_socket(
          options.control, options.config,
          [&](const std::string& path) { return postern::run_queue_command(path, options.queue); });
    });
  }
  add_restore(*queue, options, status);
}

void add_storm(CLI::App& app, Options& options, int& status) {
  auto* storm = app.add_subcommand(
      "storm", "In a mail storm: do what keeps fresh mail going, and undo it afterwards");
  storm->require_subcommand(1);
  const std::pair<const char*, const char*> actions[] = {
      {"on",
       "Park deferred mail, shorten lifetimes, throttle clients far above their usual rate; brute: "
       "also drop old bounces and limit strangers. Each step is told; again: park what is new"},
      {"off", "Undo it in reverse order; parked mail is tried again"},
      {"status", "What is in force, how much is parked, and what the watch sees"},
  };
  for (const auto& [name, help] : actions) {
    auto* action = storm->add_subcommand(name, help);
    if (std::string_view(name) == "on") {
      action->add_option("--preset", options.storm.preset, "gentle or brute")
          ->capture_default_str()
          ->check(CLI::IsMember({"gentle", "brute"}));
      action->add_option("--why", options.storm.why, "Reason: stands with the parked mail");
    }
    action->add_flag("--json", options.storm.json, "JSON lines instead of columns");
    action->add_option("--config", options.config,
                       "Configuration file that names the control socket");
    action->add_option("--control", options.control, "Control socket, instead of a configuration");
    action->callback([&options, &status, name] {
      options.storm.action = name;
      status = postern::with_control_socket(
          options.control, options.config,
          [&](const std::string& path) { return postern::run_storm_command(path, options.storm); });
    });
  }
}

// What is common to all of `postern bayes`, and to those that read messages.
CLI::App* add_bayes_action(CLI::App& bayes, const char* name, const char* help, Options& options,
                           int& status) {
  auto* action = bayes.add_subcommand(name, help);
  action->add_option("--db", options.bayes.database, "Folder of the database")->required();
  action->callback([&options, &status, name] {
    options.bayes.action = name;
    status = postern::bayes_command(options.bayes);
  });
  return action;
}

void add_bayes(CLI::App& app, Options& options, int& status) {
  auto& command = options.bayes;
  auto* bayes = app.add_subcommand("bayes", "What is known of the words of spam and ham");
  bayes->require_subcommand(1);
  auto* learn = add_bayes_action(*bayes, "learn", "Learn messages", options, status);
  auto* kind = learn->add_option_group("kind");
  kind->add_flag("--spam", command.spam, "The messages are spam");
  kind->add_flag("--ham", command.ham, "The messages are ham");
  kind->require_option(1);
  auto* forget =
      add_bayes_action(*bayes, "forget", "Undo the learning of messages", options, status);
  for (auto* action : {learn, forget}) {
    action
        ->add_option("--rules", command.rules,
                     "Rule files or folders whose bayes_ settings hold (again for more)")
        ->allow_extra_args(false);
    action->add_option("path", command.paths,
                       "Messages, and folders of them; without: their names on standard input");
  }
  auto* dump = add_bayes_action(
      *bayes, "dump", "Probability, spam, ham, last use and hash of each token", options, status);
  auto* magic = dump->add_flag("--magic", command.magic, "Only the numbers about the database");
  dump->add_flag("--data", command.data, "Only the tokens")->excludes(magic);
  add_bayes_action(*bayes, "backup", "Write all of it in the format of sa-learn --backup", options,
                   status);
  auto* restore = add_bayes_action(
      *bayes, "restore", "Replace all of it by a backup of ours or sa-learn's", options, status);
  restore->add_option("file", command.file, "The backup; - for standard input")->required();
}

// Which options a rules command takes.
enum RulesTakes : unsigned { a_message = 1, collections = 2, tables = 4, as_json = 8, weight = 16 };

struct RulesAction {
  const char* name;
  unsigned takes;
  int (*run)(const postern::RulesCommand&);
  const char* help;
};

constexpr RulesAction rules_actions[] = {
    {"check", as_json, postern::check_rule_files,
     "Every problem and remark with its place, and the test lines"},
    {"test", as_json, postern::test_rule_files, "Only the test lines"},
    {"explain", a_message | as_json, postern::explain_message,
     "What hit a message, where, and what its score is made of"},
    {"hits", collections | tables | as_json, postern::measure_hits,
     "How often each rule hits spam and ham, as hit-frequencies prints it"},
    {"scores", collections | weight, postern::propose_rule_scores,
     "Propose scores learnt from spam and ham, with what they would change"},
};

void add_rules_options(CLI::App& action, unsigned takes, postern::RulesCommand& rules) {
  action.add_option("--rules", rules.rules, "Rule file or folder (again for more)")
      ->allow_extra_args(false);
  action.add_flag("--spamassassin", rules.spamassassin,
                  "Rules of the SpamAssassin on this machine");
  if (takes & as_json) action.add_flag("--json", rules.json, "JSON, with everything");
  if (std::string_view(action.get_name()) == "check")
    action.add_flag("--strict", rules.strict, "Remarks count as problems");
  if (takes & a_message) {
    action.add_option("--rule", rules.rule, "This rule, also where it did not hit");
    action.add_flag("--network", rules.network, "With the rules that ask the DNS");
    action
        .add_option("--resolver", rules.resolvers, "Whom they ask: IP or IP:PORT (again for more)")
        ->allow_extra_args(false);
    action.add_option("message", rules.message, "File; - for standard input")->required();
  }
  if (takes & collections) {
    action.add_option("--ham", rules.ham, "Messages that are wanted, or folders of them");
    action.add_option("--spam", rules.spam, "Messages that are not");
    action.add_option("--jobs", rules.jobs, "Threads")->check(CLI::Range(1, 256));
  }
  if (takes & tables) {
    action.add_option("--log", rules.log, "Folder for ham.log and spam.log, as mass-check's")
        ->check(CLI::ExistingDirectory);
    action.add_flag("--sub-rules", rules.subrules, "The __RULES too");
    action.add_flag("--overlap", rules.overlap, "Which rules hit together");
    action.add_flag("--costs", rules.costs, "What each rule costs; the scan is slower then");
  }
  if (takes & weight) {
    action
        .add_option("--ham-weight", rules.ham_weight, "How many spam one ham lost outweighs (10)")
        ->check(CLI::Range(0.1, 10'000.0));
  }
}

void add_rules(CLI::App& app, Options& options, int& status) {
  auto* rules = app.add_subcommand("rules",
                                   "For those who write rules. Exit status: 0 fine, 1 problems "
                                   "found, 64 usage, 66 no such message, 78 no rules");
  rules->require_subcommand(1);
  for (const RulesAction& each : rules_actions) {
    auto* action = rules->add_subcommand(each.name, each.help);
    add_rules_options(*action, each.takes, options.rules);
    action->callback([&options, &status, &each] {
      if ((each.takes & collections) && options.rules.ham.empty() && options.rules.spam.empty())
        throw CLI::ValidationError(each.name, "needs --ham or --spam");
      status = each.run(options.rules);
    });
  }
}

void add_verify(CLI::App& app, Options& options, int& status) {
  auto& command = options.verify;
  auto* verify = app.add_subcommand(
      "verify",
      "Authenticate senders by a zone file instead of the DNS. Exit status: 0 the run "
      "worked, 64 usage, 66 no such file, 78 a file that cannot be understood");
  verify->require_subcommand(1);
  auto* suite = verify->add_subcommand(
      "spf-suite", "Run the cases of an SPF conformance suite: id, result, explanation");
  suite->add_option("file", command.suite, "JSON; - for standard input")->required();
  suite->callback([&] { status = postern::verify_spf_suite(command); });
  auto* spf = verify->add_subcommand("spf", "Whether a host may send mail of a domain");
  spf->add_option("--zone", command.zone, "Records, written as for BIND")->required();
  spf->add_option("--ip", command.client, "Address of the client")->required();
  spf->add_option("--helo", command.helo, "Its HELO")->required();
  spf->add_option("--from", command.sender, "Sender, <> for none")->required();
  spf->callback([&] { status = postern::verify_spf(command); });
  auto* dkim = verify->add_subcommand(
      "dkim", "The signatures of messages: file, number, domain, selector, result, reason");
  dkim->add_option("--zone", command.zone, "Keys, written as for BIND")->required();
  dkim->add_option("--now", command.now, "The time, in seconds since 1970 (default: the clock's)");
  dkim->add_option("message", command.messages, "Files or folders; - for standard input")
      ->required();
  dkim->callback([&] { status = postern::verify_dkim(command); });
  auto* all = verify->add_subcommand(
      "auth", "SPF, DKIM and DMARC of a message: the value of Authentication-Results");
  all->add_option("--zone", command.zone, "Records, written as for BIND")->required();
  all->add_option("--ip", command.client, "Address of the client")->required();
  all->add_option("--helo", command.helo, "Its HELO")->required();
  all->add_option("--from", command.sender, "Sender, <> for none")->required();
  all->add_option("--now", command.now, "Time of arrival, in seconds since 1970");
  all->add_option("message", command.messages, "File; - for standard input")->required();
  all->callback([&] { status = postern::verify_authentication(command); });

  auto* organizations = app.add_subcommand(
      "orgdomain",
      "The part of a name that an organisation has registered, by the public suffix list");
  organizations->add_option("name", command.names, "Domain names")->required();
  organizations->callback([&] { status = postern::show_organizations(command); });
  auto* arc = verify->add_subcommand(
      "arc", "The ARC chains of messages: file, state, number of instances, reason");
  arc->add_option("--zone", command.zone, "Keys, written as for BIND")->required();
  arc->add_option("--now", command.now, "The time, in seconds since 1970 (default: the clock's)");
  arc->add_option("message", command.messages, "Files or folders; - for standard input")
      ->required();
  arc->callback([&] { status = postern::verify_arc(command); });
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
  scan->add_option("--rules", options.scan.rules, "Rule files or folders (again for more)")
      ->allow_extra_args(false);
  scan->add_flag("--spamassassin", options.scan.spamassassin,
                 "Rules of the SpamAssassin on this machine");
  scan->add_flag("--local", options.scan.local, "No network tests");
  scan->add_option("--resolver", options.scan.resolvers,
                   "Whom network tests ask: IP or IP:PORT (again for more); else /etc/resolv.conf")
      ->allow_extra_args(false);
  scan->add_flag("--sub-rules", options.scan.subrules, "A fourth column: the __RULES that hit");
  scan->add_flag("--values", options.scan.values, "NAME=7 where metas see another value than 1");
  scan->add_flag("--remarks", options.scan.remarks, "Say which lines of the rules do nothing");
  scan->add_option("--bayes", options.scan.bayes, "Folder of a Bayes database (postern bayes)");
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
  add_storm(app, options, status);
  add_bayes(app, options, status);
  add_rules(app, options, status);
  add_verify(app, options, status);
  add_tools(app, options, status);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : usage_error;
  }
  return status;
}
