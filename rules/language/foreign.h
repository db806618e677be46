// foreign.h — directives that SpamAssassin has and this engine does nothing with.
//
// A site's local.cf is full of them, and must load: what only tunes SpamAssassin's own machinery is
// remarked upon, what would define a rule is a problem, since that rule can never hit. What
// describes questions to the network is taken in silence.
#pragma once

#include <string_view>

namespace postern {

enum class Foreign { unknown, network, setting, rule };

Foreign foreign_directive(std::string_view key);

}  // namespace postern
