// settings.h — who is ours, and where mail goes: the keys, by Postfix's names.
//
// Reading the keys opens no file; open_policies() (policies.h) does, as a second step.
#pragma once

#include <cstdint>
#include <string>

#include "gateway/base/config.h"
#include "policies/configured.h"

namespace postern {

struct PolicySettings {
  ConfiguredList mynetworks{{"127.0.0.0/8", "[::1]/128"}, "mynetworks"};
  ConfiguredList relay_domains{{}, "relay_domains"};
  ConfiguredList relay_recipient_maps{{}, "relay_recipient_maps"};
  ConfiguredList virtual_alias_domains{{}, "virtual_alias_domains"};
  ConfiguredList virtual_alias_maps{{}, "virtual_alias_maps"};
  ConfiguredList transport_maps{{}, "transport_maps"};
  ConfiguredText relay_transport{{}, "relay_transport"};
  ConfiguredText relayhost{{}, "relayhost"};
  std::string recipient_delimiter;
  bool relay_domains_match_subdomains = true;
  std::int64_t virtual_alias_expansion_limit = 1000;
  std::int64_t virtual_alias_recursion_limit = 1000;
};

void describe(PolicySettings& settings, Keys& keys);

}  // namespace postern
