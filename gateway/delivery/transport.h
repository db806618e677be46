// transport.h — one attempt to hand a message to a next hop.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "gateway/base/clock.h"
#include "gateway/mail/handover.h"
#include "gateway/mail/reply.h"
#include "gateway/net/task.h"
#include "gateway/queue/envelope.h"
#include "policies/route.h"

namespace postern {

/// Recipients of one message that go to the same destination, in the same variant.
struct DeliveryJob {
  std::shared_ptr<const Envelope> envelope;
  Content content;
  Route route;
  std::vector<std::uint32_t> recipients;  // indices in the envelope
};

/// What became of one recipient: the server's reply, or one that we made for what happened to us
/// (4.4.1 no connection, 4.4.2 connection lost, 5.1.10 null MX …).
struct RecipientOutcome {
  std::uint32_t recipient = 0;
  Reply reply;
  Handover handover = Handover::passed_on;  // where the reply is positive
};

struct DeliveryOutcome {
  std::vector<RecipientOutcome> recipients;  // one for each of the job
  std::string remote;    // "mx.example.org[192.0.2.1]:25", or the path: for the log and for DSNs
  std::string tls;       // protocol and cipher, or ""
  bool reached = false;  // the next hop answered (greeting and HELO): else the failure is of the
                         // destination and not of the message
};

class Transport {
 public:
  virtual ~Transport() = default;
  /// Never fails as a call: what goes wrong is in the outcome. An ambiguous end (connection lost
  /// after the final dot) counts as temporary: better delivered twice than lost.
  virtual Task<DeliveryOutcome> deliver(DeliveryJob job) = 0;
};

}  // namespace postern
