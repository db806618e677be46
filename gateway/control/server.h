// server.h — the control socket: accepts, reads requests by the line, hands them to the desk.
#pragma once

#include <memory>
#include <set>
#include <string>

#include "gateway/control/queue_desk.h"
#include "gateway/net/stream.h"

namespace postern {

class ControlServer {
 public:
  /// Mode 0600: who may read the queue's mail is decided by the file's owner. A socket file that an
  /// earlier life left behind is replaced.
  static Result<std::unique_ptr<ControlServer>> open(Loop& loop, const std::string& path,
                                                     QueueDesk& desk);

  Task<void> run();
  void close();

 private:
  ControlServer(Loop& loop, UniqueFd fd, QueueDesk& desk)
      : loop_(loop), socket_(loop, std::move(fd)), desk_(desk) {}
  Task<void> serve(Socket socket);

  Loop& loop_;
  Socket socket_;
  QueueDesk& desk_;
  TaskGroup clients_;
  bool closing_ = false;
};

}  // namespace postern
