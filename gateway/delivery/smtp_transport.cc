#include "gateway/delivery/smtp_transport.h"

namespace postern {

SmtpTransport::SmtpTransport(const DeliveryContext& context, ConnectionPool& pool)
    : context_(context), sender_(context, pool, Dialect::smtp) {}

Task<DeliveryOutcome> SmtpTransport::deliver(DeliveryJob job) {
  auto hops = co_await find_hops(context_, job.route);
  // A final answer of the DNS is about the recipients' domain; the next hop is not to blame.
  if (!hops) co_return same_for_all(job, hops.error(), hops.error().permanent());
  co_return co_await sender_.send(std::move(job), *std::move(hops));
}

}  // namespace postern
