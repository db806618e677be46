// complexity.h — expressions that can take very long on some text, said of them before mail does.
//
// Three shapes are known: a repeated group whose parts can share the same text among themselves in
// many ways ((a+)+, (a|aa)*); two unbounded repetitions of the same octets side by side
// (\s*\s+); and .* at an end of the expression, which looks at all text for nothing. A match has
// its limits all the same (regex.h): what is warned of here would be switched off then.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "rules/patterns/perl_pattern.h"

namespace postern {

struct ComplexityWarning {
  std::size_t at = 0;  // octets from the start of what was written
  std::string what;    // cause and remedy
};

/// The first and worst; nothing for patterns that are quick on any text or not understood.
std::optional<ComplexityWarning> complexity_warning(const PerlPattern& pattern);

}  // namespace postern
