// pattern_text.h — a tree written as a regular expression again, for PCRE2.
//
// Used where the expression was changed, or where the original is too large for PCRE2: libpcre2-8
// compiles at most 64 KiB of code, and SpamAssassin's expanded tags pass that. Parts that stand in
// the tree several times can be written once and called, which makes those expressions small and
// leaves what they match, and in which order it is tried, as it was.
#pragma once

#include "rules/patterns/pattern_tree.h"

namespace postern {

enum class Repeated { written_out, shared };

/// All groups but those that a reference needs are written without captures. A tree with
/// references has to be compiled from its own text: then this must not be called.
PerlPattern pattern_text(const PatternTree& tree, Repeated repeated);

}  // namespace postern
