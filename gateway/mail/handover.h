// handover.h — who reports from here on, when a next hop has taken a message: RFC 3461 §5.2.
#pragma once

#include <cstdint>

namespace postern {

enum class Handover : std::uint8_t {
  passed_on,  // the next hop knows what the sender asked for (DSN): nothing is said here
  relayed,    // it does not know reports: a sender who asked is told "relayed"
  delivered,  // this was the mailbox: "delivered"
};

}  // namespace postern
