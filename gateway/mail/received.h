// received.h — the trace field that this gateway puts on top: RFC 5321 §4.4.
#pragma once

#include <cstddef>
#include <string>

#include "gateway/base/clock.h"
#include "gateway/mail/header.h"

namespace postern {

struct Trace {
  std::string helo;            // as the client said it; anything
  std::string client_name;     // what its address resolves to, checked; "" = unknown
  std::string client_address;  // "192.0.2.1" or "2001:db8::1"
  std::string host;            // our name
  std::string queue_id;
  std::string tls;        // "TLSv1.3 TLS_AES_256_GCM_SHA384"; "" = none
  std::string recipient;  // only where it is the only one: others must not learn of each other
  bool extended = true;   // EHLO, not HELO
  bool lmtp = false;
  bool authenticated = false;
  bool utf8 = false;  // SMTPUTF8 was asked for
  WallTime time{};
};

/// The word behind "with": RFC 3848, and RFC 6531 §4.3.
std::string transmission_type(const Trace& trace);

/// The whole field, folded, with CRLF. What the client said cannot leave its place in it: octets
/// that a domain cannot have become '?'.
std::string received_field(const Trace& trace);

/// RFC 5321 §6.3: how many hosts the message has passed, for finding loops.
std::size_t count_hops(const SplitMessage& message);

}  // namespace postern
