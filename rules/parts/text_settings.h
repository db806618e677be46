// text_settings.h — how much of a message becomes text.
#pragma once

#include <cstddef>

#include "rules/base/setting.h"

namespace postern {

struct TextSettings {
  std::size_t body_part_scan_size = 50'000;      // characters of a part's rendered text; 0 = all
  std::size_t rawbody_part_scan_size = 500'000;  // octets of a part's decoded text; 0 = all
};

SettingTable text_directives();

}  // namespace postern
