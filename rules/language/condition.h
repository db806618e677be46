// condition.h — what an `if` or `ifplugin` line of a rule file asks, and our honest answer.
//
// We answer as SpamAssassin 4.0.1 under perl 5.36 in version; for plugins and features claims.h
// says what this engine does.
#pragma once

#include <expected>
#include <string_view>

#include "rules/base/syntax_error.h"
#include "rules/language/claims.h"

namespace postern {

/// version, perl_version, plugin(X), can(X::y), has(X::y), local_tests_only, numbers, comparisons,
/// && || ! and parentheses.
std::expected<bool, SyntaxError> evaluate_condition(std::string_view text,
                                                    const ConditionFacts& facts);

}  // namespace postern
