// next_hops.h — which hosts an attempt tries, in which order: RFC 5321 §5.1, RFC 7505.
//
// The answer "no such host" is final only where it is about the recipient's domain. A host that an
// administrator named in a route is expected to come back: its mail waits.
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "gateway/delivery/settings.h"
#include "gateway/mail/reply.h"
#include "gateway/net/socket.h"
#include "policies/route.h"

namespace postern {

struct Hop {
  std::string name;  // of the host, as DNS or the route has it
  Endpoint endpoint;
  bool operator==(const Hop&) const = default;
};

/// At least one hop and at most smtp_mx_address_limit, none of them one of our own listeners; or
/// what to say of the recipients: 5.1.10 null MX, 5.1.2 no such domain, 5.4.4 no address, 5.4.6 we
/// are the best MX ourselves or the route leads to us, 4.4.3 DNS failed. The context outlives the
/// task.
Task<std::expected<std::vector<Hop>, Reply>> find_hops(const DeliveryContext& context, Route route);

}  // namespace postern
