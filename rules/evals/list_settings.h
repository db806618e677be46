// list_settings.h — lists of addresses and subjects: the welcomelist and blocklist families and
// enlist_addrlist. (Lists of hosts in URIs are not among them.)
//
// Lists are known by the names that SpamAssassin 4.0.1 gives them; "whitelist" and "blacklist" in
// a directive are older spellings of "welcomelist" and "blocklist".
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "rules/base/setting.h"
#include "rules/evals/address_globs.h"

namespace postern {

/// Addresses that count only together with a relay's name or network, or with a signing domain.
struct PairedAddresses {
  AddressGlobs addresses;
  /// By the entry as written, in lower case; what was given with it, in lower case.
  std::unordered_map<std::string, std::vector<std::string>, TextHash, std::equal_to<>> partners;

  void add(std::string_view entry, std::string_view partner);
  void remove(std::string_view entry);
  /// Only this partner of it; the entry goes with its last one.
  void remove(std::string_view entry, std::string_view partner);
};

struct ListSettings {
  /// "welcomelist_from", "more_spam_to", and what enlist_addrlist names.
  std::map<std::string, AddressGlobs, std::less<>> addresses;
  /// "welcomelist_from_rcvd", "def_welcomelist_from_dkim" and their counterparts.
  std::map<std::string, PairedAddresses, std::less<>> paired;
  /// "welcomelist_subject", "blocklist_subject": globs in lower case.
  std::map<std::string, std::vector<std::string>, std::less<>> subjects;
  std::string ok_locales = "all";

  /// An empty list where no directive filled it; nullptr for a name that is nobody's.
  const AddressGlobs* find(std::string_view name) const;
  const PairedAddresses& find_paired(std::string_view name) const;
  const std::vector<std::string>& find_subjects(std::string_view name) const;
};

SettingTable list_directives();

}  // namespace postern
