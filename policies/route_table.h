// route_table.h — the next hop of an address.
//
// In this order: transport_maps; relay_transport, where the domain is one of relay_domains;
// relayhost; the MX hosts of the domain. A table's result ":host" means the default transport to
// that host, ":" alone that the table has no opinion.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/base/config.h"
#include "gateway/base/result.h"
#include "policies/domain_list.h"
#include "policies/map.h"
#include "policies/route.h"
#include "policies/settings.h"

namespace postern {

class RouteTable {
 public:
  static RouteTable open(const PolicySettings& settings,
                         std::shared_ptr<const DomainList> relay_domains,
                         std::vector<Problem>& problems);

  /// An error (a map that fails, an entry that makes no sense) is temporary: the mail waits.
  Result<Route> route_for(std::string_view address) const;

 private:
  Result<std::optional<Route>> from_maps(std::string_view address) const;

  MapList transport_maps_;
  std::shared_ptr<const DomainList> relay_domains_;
  std::string relay_transport_;
  std::optional<Route> relayhost_;
  std::string delimiters_;
};

}  // namespace postern
