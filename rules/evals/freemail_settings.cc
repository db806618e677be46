#include "rules/evals/freemail_settings.h"

namespace postern {

SettingTable freemail_directives() { return {}; }

}  // namespace postern
