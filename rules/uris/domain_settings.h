// domain_settings.h — where a registered domain begins (util_rb_tld and its kin), and which links
// redirect.
#pragma once

#include "rules/base/setting.h"

namespace postern {

struct DomainSettings {};

SettingTable domain_directives();

}  // namespace postern
