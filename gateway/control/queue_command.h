// queue_command.h — `postern queue …`: asks the gateway, and prints what it says.
#pragma once

#include <string>

namespace postern {

struct QueueCommand {
  std::string action;  // list, show, cat, flush, hold, release, delete, requeue
  std::string id, sender, recipient, destination, state, reason, client, age;
  std::string why;  // for hold: the reason that stands in the queue
  bool json = false;
  bool dry_run = false;
};

/// TSV on standard output, messages on standard error; the exit status.
int run_queue_command(const std::string& control_socket, const QueueCommand& command);

}  // namespace postern
