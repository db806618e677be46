// probability.h — from counts to the probability that a message is spam.
//
// Robinson's f(w) with s = 0.030 and x = 0.538, the 150 tokens farthest from 0.5 and at least 0.346
// away from it, combined by chi-square (Fisher): Plugin/Bayes.pm and Bayes/CombineChi.pm of
// SpamAssassin 4.0.1.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "rules/bayes/token_store.h"

namespace postern {

/// Of one token; nothing where it was not seen often enough (once, or twice without hapaxes), or
/// where no message of one kind was learnt.
std::optional<double> token_probability(const TokenCounts& counts, const LearntMessages& messages,
                                        bool use_hapaxes);

/// Of the message whose tokens have these counts; nothing where no token is telling enough.
std::optional<double> message_probability(std::span<const TokenCounts> counts,
                                          const LearntMessages& messages, bool use_hapaxes);

}  // namespace postern
