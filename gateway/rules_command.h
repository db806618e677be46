// rules_command.h — `postern rules check|test|explain|hits|scores`: tools for those who write
// rules.
//
// What they work out is in rules/authoring; here are the files, the threads and the progress.
// Results go to standard output, progress and complaints to standard error. Exit status: 0 fine,
// 1 problems were found (with --strict: or remarks), 66 a message cannot be read, 78 no rules.
#pragma once

#include <string>
#include <vector>

namespace postern {

struct RulesCommand {
  std::vector<std::string> rules;  // files or folders; none: the rules shipped with Postern
  bool spamassassin = false;       // those of an installed SpamAssassin instead
  bool json = false;
  bool strict = false;
  std::string message;                 // explain
  std::string rule;                    // explain: this one, also where it did not hit
  bool network = false;                // explain: with the rules that ask the DNS
  std::vector<std::string> resolvers;  // … of these, "ip" or "ip:port"; none: /etc/resolv.conf
  std::vector<std::string> ham;        // files or folders
  std::vector<std::string> spam;
  std::string log;  // hits: a folder that gets ham.log and spam.log in mass-check's format
  bool subrules = false;
  bool overlap = false;
  bool costs = false;
  unsigned jobs = 1;
  double ham_weight = 10;  // scores: a ham lost counts as much as so many spam let through
};

int check_rule_files(const RulesCommand& command);
/// Only the `test` lines.
int test_rule_files(const RulesCommand& command);
int explain_message(const RulesCommand& command);
int measure_hits(const RulesCommand& command);
int propose_rule_scores(const RulesCommand& command);

}  // namespace postern
