#include "rules/parts/text_settings.h"

namespace postern {

SettingTable text_directives() { return {}; }

}  // namespace postern
