// message_addresses.h — whom a message claims to come from and to be for, from all fields that may
// say so: PerMsgStatus.pm, all_from_addrs and all_to_addrs.
#pragma once

#include <string>
#include <vector>

#include "rules/message/scanned_message.h"

namespace postern {

/// Memos of one message: in lower case, each address once.
struct SenderAddresses {
  explicit SenderAddresses(ScannedMessage& message);
  std::vector<std::string> all;
  std::vector<std::string> as_written;  // the same in the case that they came in, each once
};

struct RecipientAddresses {
  explicit RecipientAddresses(ScannedMessage& message);
  std::vector<std::string> all;
  std::vector<std::string> as_written;
};

}  // namespace postern
