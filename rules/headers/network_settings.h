// network_settings.h — what decides which relays are trusted: trusted_networks, internal_networks,
// msa_networks and their kin.
#pragma once

#include "rules/base/setting.h"

namespace postern {

struct NetworkSettings {};

SettingTable network_directives();

}  // namespace postern
