// shortest_form.h — a pattern reduced to what decides whether it matches at all.
//
// A rule that counts once only asks for that. Optional text at either end can then go: a?b{1,5}c+
// is found exactly where b…c is, and where the match begins is nearer to what is rare in it. What
// remains matches in the same texts (not: at the same octets).
#pragma once

#include "rules/patterns/pattern_tree.h"

namespace postern {

/// Unchanged when something in the tree forbids it: references, atomic groups and possessive
/// quantifiers depend on how a match was reached, not only on whether there is one.
PatternTree shortest_form(const PatternTree& tree);

}  // namespace postern
