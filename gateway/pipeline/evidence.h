// evidence.h — what is known of a connection and its transaction so far, for every filter to see.
#pragma once

#include <string>
#include <vector>

#include "gateway/net/socket.h"
#include "gateway/pipeline/verdict.h"
#include "gateway/queue/envelope.h"

namespace postern {

struct ConnectionFacts {
  std::string session;      // id of the session, in every log line
  Endpoint client;          // as connected, or as XCLIENT said
  std::string client_name;  // verified: PTR and back again; "unknown" otherwise
  Endpoint server;
  bool trusted = false;  // in mynetworks
  bool tls = false;
  std::string tls_protocol, tls_cipher;
};

struct SenderFacts {
  std::string address;  // "" = null sender
  std::uint64_t declared_size = 0;
  bool utf8 = false;
  bool eight_bit = false;
};

struct RecipientFacts {
  std::string address;  // as in RCPT TO
};

/// By whom and at which stage something was found.
struct Found {
  std::string filter;
  Finding finding;
};

struct Evidence {
  ConnectionFacts connection;
  std::string helo;
  bool esmtp = false;
  MessageId id;  // from MAIL on
  SenderFacts sender;
  std::vector<RecipientFacts> recipients;  // accepted so far
  std::vector<Found> findings;             // of earlier filters, this transaction
};

/// The message as received: canonical octets, and the Received field that we shall put on top,
/// since rules about relays must see our own (notes of every milter's trouble).
struct Message {
  Content content;
  std::string received;  // one complete field with CRLF
};

}  // namespace postern
