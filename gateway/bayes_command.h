// bayes_command.h — `postern bayes …`: what is known of spam and ham, learnt, shown and carried
// over.
#pragma once

#include <string>
#include <vector>

namespace postern {

struct BayesCommand {
  std::string action;              // learn, forget, dump, backup, restore
  std::string database;            // a folder
  std::vector<std::string> rules;  // whose bayes_* settings hold; none: the rules shipped
  std::vector<std::string> paths;  // messages and folders; none: from standard input, one a line
  std::string file;                // restore: a backup, "-" for standard input
  bool spam = false;               // learn: what the messages are …
  bool ham = false;                // … one of the two
  bool magic = false;              // dump: only the numbers about the database …
  bool data = false;               // … or only the tokens
};

/// Prints a table or a backup on standard output, progress and errors on standard error; returns
/// the exit code.
int bayes_command(const BayesCommand& command);

}  // namespace postern
