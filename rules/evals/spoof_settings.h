// spoof_settings.h — what FromNameSpoof.pm may be told: whose addresses belong together, and which
// mail is not to be looked at. Its functions are there only with a loadplugin line.
#pragma once

#include <map>
#include <set>
#include <string>

#include "rules/base/setting.h"
#include "rules/evals/address_globs.h"

namespace postern {

struct SpoofSettings {
  std::map<std::string, AddressGlobs, std::less<>> owners;  // fns_add_addrlist, lower case
  double most_extra = 50;                                   // fns_extrachars
  std::set<std::string, std::less<>> ignored_signers;       // fns_ignore_dkim, lower case
  std::set<std::string, std::less<>> ignored_fields;        // fns_ignore_headers
  unsigned level = 1;  // fns_check: 0 another address, 1 another owner, 2 another domain
};

SettingTable spoof_directives();

}  // namespace postern
