// queue_command.h — `postern queue …`: asks the gateway, and prints what it says.
#pragma once

#include <cstdint>
#include <string>

namespace postern {

struct QueueCommand {
  std::string action;  // list, shape, hold …
  std::string id, sender, recipient, destination, state, reason, client, age, younger, size;
  std::string why, to, duration, by;
  std::int64_t top = 0;  // 0: as many as the gateway thinks
  bool json = false;
  bool dry_run = false;

  bool selects() const;
};

/// TSV on standard output, messages on standard error; the exit status: see README.md.
int run_queue_command(const std::string& control_socket, const QueueCommand& command);

}  // namespace postern
