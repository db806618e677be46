// header_place.h — the hosts, registered domains and IP addresses in header values: ":host",
// ":domain", ":ip" and ":revip".
#pragma once

#include <string>
#include <vector>

#include "rules/headers/header_source.h"
#include "rules/hosts/registry_boundaries.h"

namespace postern {

/// Of each value the first host or address; a host of a value that is no address list must end in a
/// known top-level domain, and one behind the last '@' is preferred.
std::vector<std::string> places_in(const std::vector<std::string>& values,
                                   const HeaderSource& source,
                                   const RegistryBoundaries& boundaries);

}  // namespace postern
