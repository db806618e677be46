#include "gateway/network_scanner.h"

#include <utility>

#include "gateway/pipeline/rule_lookups.h"

namespace postern {

Result<std::unique_ptr<NetworkScanner>> NetworkScanner::open(
    const std::vector<std::string>& servers) {
  std::unique_ptr<NetworkScanner> out(new NetworkScanner);
  DnsSettings settings;
  settings.dns_servers = servers;
  TRY(out->resolver_, CaresResolver::open(out->loop_, settings));
  return out;
}

ScanResult NetworkScanner::scan(const RuleSet& rules, const ScanInput& input,
                                ScanScratch& scratch) {
  MessageScan scan(rules, input, scratch);
  TaskGroup group;
  answered_ = false;
  loop_.post([&] { group.spawn(ask(scan, lookup_deadline(rules))); });
  // poll() begins anew behind the stop() of the last message; what needs time is run()'s.
  loop_.poll();
  if (!answered_) loop_.run();
  return scan.finish();
}

Task<> NetworkScanner::ask(MessageScan& scan, SteadyTime deadline) {
  RuleLookups lookups(scan, *resolver_, deadline);
  lookups.send();
  scan.run();
  co_await lookups.answered();
  answered_ = true;
  loop_.stop();
}

}  // namespace postern
