// bounce_settings.h — through which relays our own mail leaves, so that a bounce of it can be told
// from one of somebody's forgery: welcomelist_bounce_relays.
#pragma once

#include "rules/base/setting.h"
#include "rules/evals/address_globs.h"

namespace postern {

struct BounceSettings {
  AddressGlobs relays;  // names, with wildcards
  bool any = false;
};

/// welcomelist_bounce_relays, also as whitelist_bounce_relays.
SettingTable bounce_directives();

}  // namespace postern
