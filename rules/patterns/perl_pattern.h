// perl_pattern.h — a Perl regular expression as it stands in a rule file, put into PCRE2's words.
//
// Rules write /re/i, m{re}x, m!re! or qr/re/, and Perl compiles them under /aa: ASCII classes,
// octets for characters. PCRE2 in octet mode is the same but for a few spellings, which are
// translated here: (?^aa:…) and (?aa) lose the letters it does not know, {,n} becomes {0,n}.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "rules/base/syntax_error.h"

namespace postern {

struct PerlPattern {
  std::string text;                   // for pcre2_compile
  std::vector<std::uint32_t> origin;  // origin[i]: where text[i] stood in what was written
  bool ignore_case = false;
  bool multi_line = false;
  bool dot_all = false;
  bool extended = false;
  bool no_captures = false;
};

/// Limit: 512 KiB, more than twice the largest pattern that SpamAssassin's own rules expand to.
std::expected<PerlPattern, SyntaxError> translate_pattern(std::string_view written);

}  // namespace postern
