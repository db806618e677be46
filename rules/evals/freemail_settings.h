// freemail_settings.h — domains where anyone gets a mailbox, and how they are looked for.
#pragma once

#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "rules/base/setting.h"
#include "rules/evals/address_globs.h"

namespace postern {

using TextSet = std::unordered_set<std::string, TextHash, std::equal_to<>>;

struct FreemailSettings {
  TextSet domains;
  /// Domains with wildcards: '*' stands for octets of one label, '?' for any octet.
  std::vector<std::string> patterns;
  /// Addresses and domains that are nobody's free mailbox.
  TextSet exempt;

  /// A body with as many different addresses, or free mailboxes among them, says nothing.
  double most_body_addresses = 5;
  double most_body_freemails = 3;
  bool skip_when_over_maximum = true;
  bool skip_bulk_senders = true;
  /// Whether the lists of authenticated senders are exempt too.
  bool exempt_welcomelist_auth = false;
  bool exempt_default_welcomelist_auth = false;

  /// `domain` in lower case.
  bool has_domain(std::string_view domain) const;
  bool empty() const { return domains.empty() && patterns.empty(); }
};

SettingTable freemail_directives();

}  // namespace postern
