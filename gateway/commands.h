// commands.h — what `postern` does beside serving and the queue: tools that need no gateway.
//
// Each prints TSV on standard output and messages on standard error, and returns the exit status:
// 0 where the run itself worked, 66 where an input cannot be read, 78 for mistakes in
// configuration.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace postern {

const char* version();

int check_configuration(const std::string& path);
int print_manual();

int query_map(const std::string& map, const std::string& key);
int check_map(const std::string& map);

struct ScanCommand {
  std::vector<std::string> rules;  // none: the rules shipped with Postern
  bool spamassassin = false;       // those of an installed SpamAssassin instead
  std::vector<std::string> paths;  // none: read from standard input
  bool local = false;  // the rules that need the network are not part of this engine yet: no effect
  bool subrules = false;
  bool values = false;
  bool remarks = false;  // print what the rule files' legal lines will not do
  std::string bayes;     // folder of a Bayes database; none: BAYES_nn are silent
  unsigned jobs = 1;
};
/// One line a message, in the order of the paths: message, score (3 decimals), rules; and where
/// asked for, sub-rules.
int scan_messages(const ScanCommand& command);

int show_mime(const std::string& path, bool json);
int test_sandbox();

/// Calls `use` with the control socket: the one given, or the configuration's.
int with_control_socket(const std::string& given, const std::string& configuration,
                        const std::function<int(const std::string&)>& use);

}  // namespace postern
