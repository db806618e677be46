// frequencies.h — how well each rule tells spam from ham: the columns of SpamAssassin's
// hit-frequencies, which rules go together, and what they cost.
#pragma once

#include <string>
#include <vector>

#include "rules/authoring/corpus_run.h"

namespace postern {

struct Frequency {
  std::uint32_t rule = 0;
  std::size_t spam = 0;  // messages hit
  std::size_t ham = 0;
  double spam_share = 0;  // of all spam, 0 to 1
  double ham_share = 0;
  double spam_to_overall = 0;  // S/O: spam_share / (spam_share + ham_share)
  /// 1 is best: the mean of two places among all rules, one by how much of what the rule is for it
  /// hits (spam; ham for a rule with `nice`), one by how little of the rest.
  double rank = 0;
};

/// Of rules that hit at least once, best rank first.
std::vector<Frequency> frequencies(const CorpusRun& run, bool subrules);

/// OVERALL% SPAM% HAM% S/O RANK SCORE NAME, under the totals as numbers and as shares.
std::string frequency_table(const CorpusRun& run, bool subrules);

/// Pairs of rules of which at least half of the rarer one's hits are the other's too, and at least
/// two: OF-A% OF-B% BOTH A B, most telling first, 200 at most.
std::string overlap_table(const CorpusRun& run);

/// US/MSG WORST-US NAME WORST-MESSAGE, dearest first, then the sum.
std::string cost_table(const CorpusRun& run);

/// All of the above as one line of JSON.
std::string frequencies_json(const CorpusRun& run, bool subrules);

}  // namespace postern
