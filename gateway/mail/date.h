// date.h — dates in header fields: RFC 5322 §3.3.
#pragma once

#include <string>

#include "gateway/base/clock.h"

namespace postern {

/// "Sat, 21 Nov 2026 08:15:02 +0000": always in UTC, so that a gateway's place does not show and
/// no time zone table has to be read.
std::string format_date(WallTime time);

}  // namespace postern
