// scan_command.h — `postern scan`: messages scored by rules, without a gateway.
//
// Exit status: 0 fine, 66 a message or the Bayes database cannot be read, 78 mistakes in rules or
// no rules.
#pragma once

#include <string>
#include <vector>

namespace postern {

struct ScanCommand {
  std::vector<std::string> rules;      // none: the rules shipped with Postern
  bool spamassassin = false;           // those of an installed SpamAssassin instead
  std::vector<std::string> paths;      // none: read from standard input
  bool local = false;                  // no rule asks the DNS, and scores are those for that
  std::vector<std::string> resolvers;  // "ip", "ip:port"; none: those of /etc/resolv.conf
  bool subrules = false;
  bool values = false;
  bool remarks = false;  // print what the rule files' legal lines will not do
  std::string bayes;     // folder of a Bayes database; none: BAYES_nn are silent
  unsigned jobs = 1;
};

/// One line a message, in the order of the paths: message, score (3 decimals), rules; and where
/// asked for, sub-rules.
int scan_messages(const ScanCommand& command);

}  // namespace postern
