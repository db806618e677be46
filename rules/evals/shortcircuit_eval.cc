// Shortcircuit.pm of SpamAssassin 4.0.1: the function of the rule SHORTCIRCUIT, which exists for
// its description. It is hit by what decides a message (engine/shortcircuit.h), never by being
// asked.
#include <array>

#include "rules/evals/binding.h"
#include "rules/evals/tables.h"

namespace postern {
namespace {

double check_shortcircuit(ScannedMessage&) { return 0; }

constexpr std::array functions{EvalFunction{"check_shortcircuit", bind_plain<check_shortcircuit>}};

}  // namespace

EvalTable shortcircuit_evals() { return functions; }

}  // namespace postern
