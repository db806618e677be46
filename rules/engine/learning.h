// learning.h — what a rule's hits count for when a message is clear enough to be learnt unasked
// (autolearn.h has the decision).
#pragma once

#include "rules/bayes/autolearn.h"
#include "rules/engine/rule_set.h"
#include "rules/rules.h"

namespace postern {

/// Whether rules of that type look at the header or the body: PerMsgStatus.pm,
/// _get_autolearn_testtype. What asks the network, and full rules, are neither.
AutolearnHit::Place counted_place(RuleType type);

/// Without the dependencies of a meta, which are known when all rules are. Of `rule` the type, the
/// scores and the flags are looked at.
AutolearnHit learning_of(const CompiledRule& rule, unsigned score_set);

/// `hits`: of `result`. A message that was decided before all rules had run is not learnt.
AutolearnDecision decide_learning(const RuleSet& rules, const ScanResult& result,
                                  std::span<const AutolearnHit> hits);

}  // namespace postern
