// rule_lookups.h — the questions that rules have for the DNS and for Pyzor's servers, on their way:
// those of one scan, and those that answers lead to.
//
//     RuleLookups lookups(scan, resolver, deadline);
//     lookups.send();
//     scan.run();                      // what needs no answer, meanwhile
//     co_await lookups.answered();
//     auto result = scan.finish();
#pragma once

#include "gateway/net/dns.h"
#include "gateway/net/task.h"
#include "rules/rules.h"

namespace postern {

/// Everything that it is made of must outlive it, and it must outlive its last answer.
class RuleLookups {
 public:
  RuleLookups(MessageScan& scan, Resolver& resolver, SteadyTime deadline)
      : scan_(scan), resolver_(resolver), deadline_(deadline) {}

  /// All that are known, at once; answers send what they lead to.
  void send();
  auto answered() { return group_.empty(); }

 private:
  Task<> ask(NetworkQuestion question);
  Task<> ask_pyzor(NetworkQuestion question);

  MessageScan& scan_;
  Resolver& resolver_;
  SteadyTime deadline_;
  TaskGroup group_;
};

/// rbl_timeout of these rules, from now on.
SteadyTime lookup_deadline(const RuleSet& rules);

}  // namespace postern
