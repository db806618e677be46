// server.h — the control socket: accepts, reads requests by the line, hands each to its desk.
#pragma once

#include <memory>
#include <set>
#include <string>

#include "gateway/control/queue_desk.h"
#include "gateway/control/storm_desk.h"
#include "gateway/net/stream.h"

namespace postern {

class ControlServer {
 public:
  /// Mode 0600: who may read the queue's mail is decided by the file's owner. A socket file that an
  /// earlier life left behind is replaced.
  static Result<std::unique_ptr<ControlServer>> open(Loop& loop, const std::string& path,
                                                     QueueDesk& queue, StormDesk& storm);

  Task<void> run();
  void close();

 private:
  ControlServer(Loop& loop, UniqueFd fd, QueueDesk& queue, StormDesk& storm)
      : loop_(loop), socket_(loop, std::move(fd)), queue_(queue), storm_(storm) {}
  Task<void> serve(Socket socket);

  Loop& loop_;
  Socket socket_;
  QueueDesk& queue_;
  StormDesk& storm_;
  TaskGroup clients_;
  bool closing_ = false;
};

}  // namespace postern
