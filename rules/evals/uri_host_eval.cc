// uri_host_eval.cc — whether a host in a URI of the message is on a list (Plugin/WLBLEval.pm).

#include <array>
#include <set>

#include "gateway/base/bytes.h"
#include "rules/evals/tables.h"

namespace postern {
namespace {

/// Which lists have a host of this message; mail addresses do not count.
struct ListedHosts {
  std::vector<bool> hits;

  explicit ListedHosts(ScannedMessage& message) : hits(message.settings().uri_hosts.size()) {
    std::set<std::string_view> seen;
    for (const auto& uri : message.uris().detailed()) {
      if (starts_with_ignoring_case(uri.raw, "mailto:")) continue;
      for (const auto& host : uri.hosts) {
        if (seen.insert(host).second) message.settings().uri_hosts.look_up(host, hits);
      }
    }
  }
};

BindResult on_list(std::string_view list, const RuleSettings& settings) {
  const auto number = settings.uri_hosts.number_of(list);
  if (!number) return [](ScannedMessage&) { return 0.0; };
  return [number = *number](ScannedMessage& message) {
    return message.memo<ListedHosts>().hits[number] ? 1.0 : 0.0;
  };
}

BindResult on_named_list(const EvalArguments& arguments, const RuleSettings& settings) {
  if (arguments.empty()) return std::unexpected("it needs the name of a list: ('NAME')");
  return on_list(arguments[0], settings);
}

BindResult on_blocklist(const EvalArguments&, const RuleSettings& settings) {
  return on_list("BLOCK", settings);
}

BindResult on_welcomelist(const EvalArguments&, const RuleSettings& settings) {
  return on_list("WELCOME", settings);
}

constexpr std::array<EvalFunction, 5> functions{{
    {"check_uri_host_listed", on_named_list},
    {"check_uri_host_in_blocklist", on_blocklist},
    {"check_uri_host_in_blacklist", on_blocklist},
    {"check_uri_host_in_welcomelist", on_welcomelist},
    {"check_uri_host_in_whitelist", on_welcomelist},
}};

}  // namespace

EvalTable uri_host_evals() { return functions; }

}  // namespace postern
