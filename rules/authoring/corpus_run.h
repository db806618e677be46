// corpus_run.h — what rules did to two collections of mail, one known as spam and one as ham.
//
// Every message is kept as a row of its rules' values, so that frequencies, overlap, costs and
// scores can be worked out without a second scan. A row takes some hundred octets.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "rules/rules.h"

namespace postern {

struct ScannedMail {
  std::string path;
  bool spam = false;  // what it is known as
  double score = 0;
  std::vector<std::pair<std::uint32_t, double>> values;  // by rule number; those that hit
};

struct RuleCost {
  std::uint64_t total = 0;  // nanoseconds
  std::uint64_t worst = 0;
  std::size_t worst_mail = 0;
};

struct CorpusRun {
  std::shared_ptr<const RuleSet> rules;
  std::vector<ScannedMail> mails;
  std::vector<RuleCost> costs;  // by rule number; empty where not measured

  std::size_t spam() const;
  std::size_t ham() const { return mails.size() - spam(); }
};

/// The row of a message that was just scanned with `scratch`.
ScannedMail scanned_mail(std::string path, bool spam, const ScanResult& result,
                         const ScanScratch& scratch);

/// Adds what one message, the `mail`-th, cost.
void add_costs(const RuleCosts& costs, std::size_t mail, std::vector<RuleCost>& sums);

/// One line a message for SpamAssassin's hit-frequencies and its kin, as mass-check writes them:
/// "Y score path RULE,RULE,__SUB(2) set=0"; "." for Y below the required score.
std::string mass_check_line(const CorpusRun& run, const ScannedMail& mail);

}  // namespace postern
