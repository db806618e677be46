// lint.h — what loading finds no fault with, and an author would rather know.
//
// Loading says what a line cannot do; here are rules that do what they say and hardly what was
// meant: never true, always true, defined twice, too dear on some text.
#pragma once

#include <vector>

#include "rules/engine/rule_set.h"

namespace postern {

/// Remarks with file:line:column, in the order of the rules' names; what is defined twice first.
std::vector<Problem> lint_rules(const RuleSet& rules);

}  // namespace postern
