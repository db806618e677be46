#include "rules/headers/network_settings.h"

namespace postern {

SettingTable network_directives() { return {}; }

}  // namespace postern
