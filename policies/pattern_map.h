// pattern_map.h — regexp: and pcre: tables: the first pattern that matches decides.
//
//   /^list-(.*)@/   REDIRECT $1@example.org    # $1 ${1} $(1): what the group matched; $$: a $
//   !/@example\.org$/i  REJECT                 # where the pattern does not match
//   if /pattern/  ...  endif                   # lines in between count only where it matches
//
// Patterns ignore case unless the flag i switches that off, as in Postfix. Flags of pcre: i m s x A
// E U X; of regexp: i m x. A regexp: is compiled by PCRE2, too, after a translation of what POSIX
// reads differently (a backslash within brackets is itself; \< and \> are word ends). What is
// left: among alternatives the first one wins, not the longest, which only $1 can tell apart.
//
// Keys are octets: case folding and \w know ASCII only. Matching has a limit of steps; a key
// that exceeds it gets an error, so 4yz, and never "no match".
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/base/config.h"
#include "policies/map.h"

namespace postern {

enum class PatternDialect { regexp, pcre };

struct PatternSource {
  std::string name;  // the map's
  std::string file;  // the one in problems
};

std::shared_ptr<const Map> parse_pattern_map(std::string_view source, PatternDialect dialect,
                                             const PatternSource& place,
                                             std::vector<Problem>& problems);

}  // namespace postern
