// text_settings.h — how much of a message becomes text, and how it is decoded.
#pragma once

#include "rules/base/setting.h"

namespace postern {

struct TextSettings {};

SettingTable text_directives();

}  // namespace postern
