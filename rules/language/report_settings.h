// report_settings.h — what a scored message is told in its header: rewrite_header, add_header,
// report and their kin.
#pragma once

#include "rules/base/setting.h"

namespace postern {

struct ReportSettings {};

SettingTable report_directives();

}  // namespace postern
