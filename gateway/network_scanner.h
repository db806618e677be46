// network_scanner.h — scanning messages outside the gateway with the rules that ask the DNS, one
// message after another. One a thread: it has a loop and a resolver of its own.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "gateway/base/result.h"
#include "gateway/net/cares_resolver.h"
#include "gateway/net/loop.h"
#include "rules/rules.h"

namespace postern {

class NetworkScanner {
 public:
  /// `servers` as dns_servers has them; none: those of /etc/resolv.conf.
  static Result<std::unique_ptr<NetworkScanner>> open(const std::vector<std::string>& servers);

  /// All questions of the message are in flight at once; waits for rbl_timeout at the longest.
  ScanResult scan(const RuleSet& rules, const ScanInput& input, ScanScratch& scratch);

 private:
  NetworkScanner() = default;
  Task<> ask(MessageScan& scan, SteadyTime deadline);

  Loop loop_;
  std::unique_ptr<CaresResolver> resolver_;
  bool answered_ = false;
};

}  // namespace postern
