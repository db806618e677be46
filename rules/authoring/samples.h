// samples.h — runs the `test NAME ok|fail text` lines of rule files.
//
// As SpamAssassin's own suite does it, the text becomes a message that has nothing else: for a
// header rule the value of its field, for all others the body. Text of a full rule, of a meta or
// of an eval may begin with a field ("Subject: …") where it is to be a header.
#pragma once

#include <string>
#include <vector>

#include "rules/rules.h"

namespace postern {

struct SampleResult {
  enum class Outcome { passed, failed, not_run };
  const Sample* sample = nullptr;  // in the rules
  Outcome outcome = Outcome::passed;
  std::string why;  // of all but passed
};

std::vector<SampleResult> run_samples(const RuleSet& rules);

}  // namespace postern
