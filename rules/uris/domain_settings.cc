#include "rules/uris/domain_settings.h"

namespace postern {

SettingTable domain_directives() { return {}; }

}  // namespace postern
