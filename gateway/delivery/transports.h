// transports.h — all transports of one loop, chosen by the route.
//
// The dispatcher hands every job to deliver(). Results are counted here; it is the dispatcher who
// writes the log.
#pragma once

#include "gateway/delivery/lmtp_transport.h"
#include "gateway/delivery/maildir_transport.h"
#include "gateway/delivery/pool.h"
#include "gateway/delivery/smtp_transport.h"

namespace postern {

class Transports final : public Transport {
 public:
  /// `threads` outlives this.
  Transports(DeliveryContext context, BlockingPool& threads);

  /// For route kinds without a next hop the outcome is the route's own: `discard` delivers, `error`
  /// answers with its text.
  Task<DeliveryOutcome> deliver(DeliveryJob job) override;

  /// Says goodbye on kept connections; to be awaited, after all deliveries, before this ends.
  Task<> close() { return pool_.close(); }
  /// Ends the waits of running deliveries: they come back as temporary failures.
  void shut() { pool_.shut(); }

  ConnectionPool& pool() { return pool_; }

 private:
  Task<DeliveryOutcome> choose(DeliveryJob job);

  DeliveryContext context_;
  ConnectionPool pool_;
  SmtpTransport smtp_;
  LmtpTransport lmtp_;
  MaildirTransport maildir_;
};

}  // namespace postern
