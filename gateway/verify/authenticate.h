// authenticate.h — a message through the filters spf, dkim and dmarc with their defaults, over a
// zone in memory: what the gateway would write into Authentication-Results.
#pragma once

#include <string>

#include "gateway/base/clock.h"
#include "gateway/mail/authentication_results.h"
#include "gateway/net/dns.h"
#include "policies/network.h"

namespace postern {

struct ReceivedMessage {
  IpAddress client;
  std::string helo;
  std::string sender;  // "" = null sender
  std::string octets;  // with CRLF
  WallTime time{};     // of its arrival
};

/// The field's value in one line; the name of its author is "localhost". An error where a filter
/// cannot answer. `dns` answers without waiting.
Result<std::string> authenticate(Resolver& dns, const ReceivedMessage& message);

}  // namespace postern
