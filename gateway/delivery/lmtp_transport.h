// lmtp_transport.h — delivery by LMTP (RFC 2033) to a store, over TCP or a Unix socket.
#pragma once

#include "gateway/delivery/hop_sender.h"

namespace postern {

class LmtpTransport final : public Transport {
 public:
  LmtpTransport(const DeliveryContext& context, ConnectionPool& pool);
  Task<DeliveryOutcome> deliver(DeliveryJob job) override;

 private:
  const DeliveryContext& context_;
  HopSender sender_;
};

}  // namespace postern
