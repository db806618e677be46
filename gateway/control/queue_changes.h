// queue_changes.h — commands that change what the filter matches: hold, release, delete, flush,
// requeue, reroute, bounce.
//
// A slice of messages at a time, and of each slice some hundred changes under way together: their
// records share the spool's syncs, and delivery has its turn in between. What was done is told row
// by row, in the state before the change.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "gateway/control/desk_parts.h"
#include "gateway/control/queue_request.h"

namespace postern {

class QueueChanges {
 public:
  explicit QueueChanges(const DeskParts& parts) : parts_(parts) {}

  static bool knows(const std::string& command);
  /// The number of messages changed. A message that has left the queue meanwhile is passed over;
  /// another error ends the command, and says how many were changed until then.
  Task<Result<std::uint64_t>> run(QueueRequest request, DeskAnswer& answer);

 private:
  struct Chosen {
    MessageId id;
    bool rerouted = false;
    std::string row;
    Result<> done{};
  };

  static Result<> check(QueueRequest& request);
  Task<void> change(const QueueRequest& request, Chosen& message);
  Task<Result<>> change_all(const QueueRequest& request, std::vector<Chosen>& messages,
                            DeskAnswer& answer, std::uint64_t& count);

  DeskParts parts_;
};

}  // namespace postern
