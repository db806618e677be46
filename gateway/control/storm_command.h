// storm_command.h — `postern storm …`: asks the gateway, and prints what it does.
#pragma once

#include <string>

namespace postern {

struct StormCommand {
  std::string action;  // on, off, status
  std::string preset = "gentle";
  std::string why;
  bool json = false;
};

/// TSV on standard output, messages on standard error; the exit status.
int run_storm_command(const std::string& control_socket, const StormCommand& command);

}  // namespace postern
