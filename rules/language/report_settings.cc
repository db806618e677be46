#include "rules/language/report_settings.h"

namespace postern {

SettingTable report_directives() { return {}; }

}  // namespace postern
