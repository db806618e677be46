// directives.h — what each directive of the rule language does to the definitions.
//
// One table, one function a directive. A directive that SpamAssassin knows and this engine has no
// use for gives a remark; a kind of rule that it cannot run yet, or a word that nobody knows, is a
// problem.
#pragma once

#include "rules/base/statement.h"
#include "rules/language/definition.h"

namespace postern {

void apply_directive(const Statement& statement, Definitions& definitions, Diagnosis& diagnosis);

}  // namespace postern
