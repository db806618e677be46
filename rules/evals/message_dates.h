// message_dates.h — when a message says that it was written and when it was received:
// HeaderEval.pm's analysis of Date and Received.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "rules/message/scanned_message.h"

namespace postern {

/// A memo of one message. Times are seconds since 1970.
class MessageDates {
 public:
  explicit MessageDates(ScannedMessage& message);

  /// By how much Date is ahead of the Received time that is nearest to it; 0 where one of them is
  /// missing.
  std::int64_t difference() const { return difference_; }
  /// The median of what is known about the time of arrival; 0 where nothing is.
  std::int64_t received() const { return received_; }

 private:
  void read_received(HeaderValues& headers);
  void compare();
  void choose_received();

  std::optional<std::int64_t> written_;
  std::vector<std::int64_t> hops_;  // as far as they could be read, from the top
  std::optional<std::int64_t> fetched_;
  std::int64_t difference_ = 0;
  std::int64_t received_ = 0;
};

}  // namespace postern
