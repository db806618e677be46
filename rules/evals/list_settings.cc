#include "rules/evals/list_settings.h"

namespace postern {

SettingTable list_directives() { return {}; }

}  // namespace postern
