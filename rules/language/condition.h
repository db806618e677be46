// condition.h — what an `if` or `ifplugin` line of a rule file asks, and our honest answer.
//
// We answer as SpamAssassin 4.0.1 under perl 5.36 in version; for plugins and features we say yes
// only to what this engine does. The tables in condition.cc are the one list of that.
#pragma once

#include <expected>
#include <string_view>

#include "rules/patterns/perl_pattern.h"

namespace postern {

struct ConditionFacts {
  bool local_only = true;  // no rule may ask the network
};

/// version, perl_version, plugin(X), can(X::y), has(X::y), local_tests_only, numbers, comparisons,
/// && || ! and parentheses.
std::expected<bool, SyntaxError> evaluate_condition(std::string_view text,
                                                    const ConditionFacts& facts);

/// Whether we do what that plugin does: "Mail::SpamAssassin::Plugin::Check".
bool implements_plugin(std::string_view name);

}  // namespace postern
