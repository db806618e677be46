// freemail_settings.h — domains where anyone gets a mailbox, and how they are looked for.
#pragma once

#include "rules/base/setting.h"

namespace postern {

struct FreemailSettings {};

SettingTable freemail_directives();

}  // namespace postern
