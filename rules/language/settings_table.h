// settings_table.h — where a setting's key leads: the tables of all folders, put together.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "rules/base/setting.h"

namespace postern {

/// nullptr for a key that no table has.
const SettingDirective* find_setting(std::string_view key);
std::vector<std::string> setting_keys();

}  // namespace postern
