// hop_sender.h — one message to the first of several hosts that takes it, by SMTP or LMTP.
//
// What fails for a while at one host (no connection, 4yz) is tried at the next within the same
// attempt, within smtp_mx_session_limit. What may have been delivered (the answer to the final dot
// was lost) is not: that waits for the next attempt, so that a duplicate costs at least a real
// interval. Nor is anything tried behind a server that greets us with our own name.
#pragma once

#include <string>
#include <vector>

#include "gateway/delivery/next_hops.h"
#include "gateway/delivery/pool.h"
#include "gateway/delivery/transport.h"

namespace postern {

class HopSender {
 public:
  HopSender(const DeliveryContext& context, ConnectionPool& pool, Dialect dialect);

  Task<DeliveryOutcome> send(DeliveryJob job, std::vector<Hop> hops);

 private:
  struct Attempt {
    TransactionResult result;
    std::string tls;
    bool connected = false;  // TCP or Unix: counts as a session
    bool reached = false;    // greeting and hello were answered
    bool ourselves = false;  // the server says that it has our name
    bool reports = false;    // it offers DSN
  };
  Task<Attempt> attempt(const Peer& peer, const Transaction& transaction);
  Handover handover(bool reports) const;
  Reply looping(const Route& route, bool best) const;

  const DeliveryContext& context_;
  ConnectionPool& pool_;
  Dialect dialect_;
};

/// The same reply for all recipients of a job.
DeliveryOutcome same_for_all(const DeliveryJob& job, const Reply& reply, bool reached);

/// "Return-Path: <sender>" with CRLF: RFC 5321 §4.4, written where a message leaves SMTP.
std::string return_path_field(const Envelope& envelope);

}  // namespace postern
