// smtp_transport.h — delivery by SMTP: to a host that the route names, or to a domain's MX hosts.
#pragma once

#include "gateway/delivery/hop_sender.h"

namespace postern {

class SmtpTransport final : public Transport {
 public:
  SmtpTransport(const DeliveryContext& context, ConnectionPool& pool);
  Task<DeliveryOutcome> deliver(DeliveryJob job) override;

 private:
  const DeliveryContext& context_;
  HopSender sender_;
};

}  // namespace postern
