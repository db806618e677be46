// cidr_map.h — cidr: tables: the first network that contains the address decides.
//
//   192.0.2.0/24   REJECT
//   !10.0.0.0/8    REJECT not ours       # all but that network (of the same family or not)
//   if 10.0.0.0/8  ...  endif            # lines in between count only for that network
//
// A key that is not an IP address matches nothing. Plain networks are found by their length and
// prefix, so that a block list of 100000 lines costs a few binary searches.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/base/config.h"
#include "policies/map.h"

namespace postern {

std::shared_ptr<const Map> parse_cidr_map(std::string_view source, std::string name,
                                          const std::string& file, std::vector<Problem>& problems);

}  // namespace postern
