// language_cases.h — the files language_*.cases of this folder: rules, a message, and what
// SpamAssassin 4.0.1 makes of them.
//
//     What the file is about, up to the first case.
//
//     === the claim of the case
//     --- rules               a rule file; left out, it is that of the case before
//     --- message             a message, lines ended by LF; left out, that of the case before
//     --- sender ADDRESS      of the SMTP transaction, if there was one
//     --- set N               score set 0 to 3 (default 0)
//     --- locale de_DE        whose `lang` lines count (default en_US)
//     --- expected
//     score 3.500             in all
//     hits A B=2              names sorted; =VALUE where metas see another value than 1
//     subrules __C            left out where there are none, as is `hits`
//     problems 2 5            lines of the rules that have no effect, counted from 1
//
// Rules and messages are our own. Score, hits and subrules were taken from SpamAssassin 4.0.1 by
// its Perl interface (local tests, no Bayes, a fresh process for each case: it keeps compiled rules
// in globals); `problems` are our own words for what it refuses as well. Behind each case's rules
// stands a util_rb_tld line (common_rules), there as here.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postern {

struct LanguageCase {
  std::string name;
  std::string where;  // file:line
  std::string rules;
  std::string message;
  std::optional<std::string> sender;  // of the SMTP transaction
  unsigned score_set = 0;
  std::string locale = "en_US";
  std::string expected;  // lines as outcome_of() writes them
};

/// Throws std::runtime_error with file and line where a file is not of the format.
std::vector<LanguageCase> read_language_cases(const std::string& path);

/// What the case comes to here: "score N", then "hits …", "subrules …" and "problems …" where
/// there are any, a line each.
std::string outcome_of(const LanguageCase& language_case);

}  // namespace postern
