// policies.h — the tables and lists behind PolicySettings, opened together.
//
// Immutable; a reload builds a new one. Where `problems` is not empty afterwards, the caller
// refuses the configuration and keeps the old one.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "gateway/base/config.h"
#include "policies/network_list.h"
#include "policies/recipients.h"
#include "policies/route_table.h"
#include "policies/settings.h"

namespace postern {

struct Policies {
  NetworkList mynetworks;
  RecipientPolicy recipients;
  RouteTable routes;
};

std::shared_ptr<const Policies> open_policies(const PolicySettings& settings,
                                              std::string_view myhostname,
                                              std::vector<Problem>& problems);

}  // namespace postern
