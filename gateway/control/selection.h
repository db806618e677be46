// selection.h — the messages that a filter means, in order of arrival, a slice at a time.
//
// Whatever the queue holds, the loop is never kept for longer than a slice takes, and memory holds
// eight octets a message. One pass over the spool's memory finds who may be meant; each slice then
// asks the scheduler (on the loop) and the spool (on a file thread) how its messages stand now.
// What comes meanwhile is not seen, what goes is left out.
#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include "gateway/control/desk_parts.h"
#include "gateway/control/queue_filter.h"

namespace postern {

class Selection {
 public:
  /// Called on a file thread with a lock of the spool held: must be short.
  using See = std::function<void(const MessageSummary&, const Standing&)>;

  Selection(const DeskParts& parts, QueueFilter filter)
      : parts_(parts), filter_(std::move(filter)) {}

  /// To be awaited first, once.
  Task<void> find();
  /// Shows the next of them; false when there are no more. At most `slice` at once.
  Task<bool> next(const See& see);

  static constexpr std::size_t slice = 2000;

 private:
  DeskParts parts_;
  QueueFilter filter_;
  std::vector<MessageId> ids_;
  std::size_t at_ = 0;
};

}  // namespace postern
