// list_settings.h — lists of addresses and hosts: the welcomelist and blocklist families,
// enlist_addrlist, enlist_uri_host.
#pragma once

#include "rules/base/setting.h"

namespace postern {

struct ListSettings {};

SettingTable list_directives();

}  // namespace postern
