// score_proposal.h — scores for rules, learnt from what they hit.
//
// A message is spam to the model with probability 1 / (1 + e^-(score - required)), where score is
// the sum of its rules' scores: logistic regression whose weights are the scores themselves. They
// start at the scores in force and are pulled back to them (so that a rule seen rarely changes
// little), ham counts `ham_weight` times, and each stays within its bounds: 0 to 4.5 for a rule,
// -4.5 to 0 under `tflags nice` or where the score in force is negative. Full batches in a fixed
// order: the same mail gives the same scores. Rules of fewer than ten messages keep theirs.
//
// What is measured on the mail that was learnt from flatters. So the mail is also split in five,
// and each fifth judged by scores learnt from the other four.
#pragma once

#include <string>
#include <vector>

#include "rules/authoring/corpus_run.h"

namespace postern {

struct ProposalOptions {
  double ham_weight = 10;
  unsigned rounds = 400;
};

struct Mistakes {
  std::size_t false_positives = 0;  // ham at or above the required score
  std::size_t false_negatives = 0;
};

struct ProposedScore {
  std::uint32_t rule = 0;
  double before = 0;
  double after = 0;  // rounded to hundredths
};

struct Proposal {
  std::vector<ProposedScore> scores;  // of rules with enough messages; by rule number
  Mistakes before;
  Mistakes after;
  Mistakes unseen;  // of scores learnt without the mail they judge
};

Proposal propose_scores(const CorpusRun& run, const ProposalOptions& options = {});

/// `score NAME x` lines with their reasons as comments, the mistakes before and after on top.
/// A rule file as it stands.
std::string proposal_text(const CorpusRun& run, const Proposal& proposal);

}  // namespace postern
