// network_list.h — which clients belong to a list such as mynetworks.
//
// Elements, the first that contains the address decides: networks and addresses, "!" in front for
// "not these", files of such words ("/etc/postern/networks"), and maps ("cidr:/path"), of which any
// result counts as contained.
#pragma once

#include <variant>
#include <vector>

#include "gateway/base/config.h"
#include "gateway/base/result.h"
#include "policies/configured.h"
#include "policies/map.h"
#include "policies/network.h"

namespace postern {

class NetworkList {
 public:
  static NetworkList open(const ConfiguredList& entries, std::vector<Problem>& problems);

  /// An error only where a map fails before any element decides.
  Result<bool> contains(const IpAddress& address) const;
  bool empty() const { return elements_.empty(); }

 private:
  struct Element {
    std::variant<Network, MapList> what;
    bool negated = false;
  };
  std::vector<Element> elements_;
};

}  // namespace postern
