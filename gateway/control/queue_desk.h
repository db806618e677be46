// queue_desk.h — what an administrator does with the queue, as requests and answers in JSON lines.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "gateway/control/queue_filter.h"
#include "gateway/delivery/dispatcher.h"

namespace postern {

class QueueDesk {
 public:
  /// Takes one line of the answer, without its line end; false where nobody listens any more.
  using Write = std::function<Task<bool>(std::string)>;

  QueueDesk(Loop& loop, Spool& spool, Dispatcher& dispatcher, BlockingPool& files,
            const Clock& clock)
      : loop_(loop), spool_(spool), dispatcher_(dispatcher), files_(files), clock_(clock) {}

  /// Answers one request, the last line with "end": true.
  Task<void> answer(std::string request, Write write);

 private:
  struct Request {
    std::string command;
    QueueFilter filter;
    std::string reason;
    bool dry_run = false;
  };
  struct Matched {
    Envelope envelope;
    std::string state;
  };

  static Result<Request> parse(const std::string& line);
  Task<std::vector<Matched>> select(QueueFilter filter);
  std::string state_of(const Envelope& envelope) const;
  Task<Result<std::size_t>> run(const Request& request, const Write& write);
  Task<Result<>> act(const Request& request, const Envelope& envelope);

  Loop& loop_;
  Spool& spool_;
  Dispatcher& dispatcher_;
  BlockingPool& files_;
  const Clock& clock_;
};

}  // namespace postern
