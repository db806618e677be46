// desk_parts.h — what the commands on the queue work with, and how they answer.
#pragma once

#include <functional>
#include <string>

#include "gateway/control/standing_orders.h"
#include "gateway/delivery/dispatcher.h"

namespace postern {

struct DeskParts {
  Loop& loop;
  Spool& spool;
  Dispatcher& dispatcher;
  BlockingPool& files;
  const Clock& clock;
  StandingOrders& orders;

  Placing::Moment now() const { return {clock.steady(), clock.wall()}; }
};

/// One answer on its way to whoever asked. Every call is false where nobody listens any more.
class DeskAnswer {
 public:
  /// Sends octets as they are.
  using Send = std::function<Task<bool>(std::string)>;
  explicit DeskAnswer(Send send) : send_(std::move(send)) {}

  /// Whole lines, each a JSON object with its LF.
  Task<bool> lines(std::string text);
  /// Octets for the user, whatever they are: announced by a line, then sent untouched.
  Task<bool> octets(std::string octets);
  /// A table's rows as octets, or lines.
  Task<bool> rows(std::string text, bool table);

 private:
  Send send_;
};

}  // namespace postern
