// hash_list_settings.h — what rule files say about lists that are asked for digests (HashBL.pm of
// SpamAssassin 4.0.1): hashbl_ignore and its kin.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>

#include "rules/base/setting.h"
#include "rules/patterns/regex.h"

namespace postern {

struct HashListSettings {
  std::set<std::string, std::less<>> ignored;                          // hashbl_ignore, lower case
  std::map<std::string, std::string, std::less<>> domain_aliases;      // alias: domain
  std::map<std::string, std::set<std::string>, std::less<>> domains;   // hashbl_acl_NAME
  std::map<std::string, std::set<std::string>, std::less<>> excluded;  // … of it, with "!"
  std::shared_ptr<const Regex> welcome;  // hashbl_email_welcomelist; null: the usual one

  /// hashbl_email_regex; null: the usual one, find_address(). The group address_group is what it
  /// found, and what stood for _TLDS_, if anything did, is top_group: a top-level domain or no
  /// address.
  std::shared_ptr<const Regex> address;
  static constexpr std::string_view address_group = "PosternAddress";
  static constexpr std::string_view top_group = "PosternTop";
  std::shared_ptr<const Regex> quoted_address;  // the same in angle brackets, or before "wrote:"

  /// Whether a list of that name stands in the files, and whether a domain is on it.
  bool knows(std::string_view name) const { return domains.contains(name); }
  bool admits(std::string_view name, std::string_view domain) const;
};

/// The key "hashbl_acl_" stands for all keys that begin so.
SettingTable hash_list_directives();

}  // namespace postern
