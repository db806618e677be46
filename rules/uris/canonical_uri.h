// canonical_uri.h — the forms of a URI that rules are matched against: as written, freed of tricks,
// and where it redirects to.
//
// Util.pm's uri_list_canonicalize of SpamAssassin 4.0.1 without LibIDN: hosts that are not ASCII
// stay as they are. Limits: 64 redirections, 64 KiB of their text; linear in that.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "rules/patterns/regex.h"
#include "rules/uris/domain_settings.h"

namespace postern {

/// How Perl holds the URI: text and plain ASCII HTML as octets, other HTML as characters.
enum class UriText { octets, characters };

/// Characters are in UTF-8. Each form once. The first is the URI itself without line ends and outer
/// white space.
std::vector<std::string> canonical_forms(std::string_view uri, UriText reading,
                                         const DomainSettings& settings, Matcher& matcher);

}  // namespace postern
