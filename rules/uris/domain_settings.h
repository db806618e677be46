// domain_settings.h — where a registered domain begins (util_rb_tld and its kin), and which links
// redirect to others.
#pragma once

#include <memory>
#include <vector>

#include "rules/base/setting.h"
#include "rules/hosts/registry_boundaries.h"
#include "rules/patterns/regex.h"

namespace postern {

struct DomainSettings {
  RegistryBoundaries boundaries;
  /// Group 1 of each is the address that a redirecting one leads to; in the order of the files.
  std::vector<std::shared_ptr<const Regex>> redirectors;
  bool parse_dkim_uris = true;  // domains of DKIM-Signature fields count as hosts
};

/// util_rb_tld, util_rb_2tld, util_rb_3tld, clear_util_rb, redirector_pattern, parse_dkim_uris.
SettingTable domain_directives();

}  // namespace postern
