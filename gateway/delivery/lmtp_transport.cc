#include "gateway/delivery/lmtp_transport.h"

namespace postern {

LmtpTransport::LmtpTransport(const DeliveryContext& context, ConnectionPool& pool)
    : context_(context), sender_(context, pool, Dialect::lmtp) {}

Task<DeliveryOutcome> LmtpTransport::deliver(DeliveryJob job) {
  if (!job.route.path.empty()) {
    std::vector<Hop> socket{{job.route.path, Endpoint{job.route.path, 0}}};
    co_return co_await sender_.send(std::move(job), std::move(socket));
  }
  auto hops = co_await find_hops(context_, job.route);
  if (!hops) co_return same_for_all(job, hops.error(), hops.error().permanent());
  co_return co_await sender_.send(std::move(job), *std::move(hops));
}

}  // namespace postern
