// scan_layout.h — rules that are compiled and bound, laid out as scans run them: by class, header
// rules by the value that they look at, metas side by side, patterns in indexes.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "rules/engine/rule_set.h"

namespace postern {

/// Fills what a scan goes by. `metas`: each behind all that it depends on.
void lay_out_for_scans(RuleSet& rules, std::vector<std::uint32_t> metas);

/// Rules run by priority, then by name.
std::pair<int, std::uint32_t> turn_of(const RuleSet& rules, std::uint32_t number);

/// A function that is asked of a message, on its header, body or all of it.
bool is_eval(RuleType type);

}  // namespace postern
