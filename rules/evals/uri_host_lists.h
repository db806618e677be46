// uri_host_lists.h — named lists of hosts in URIs: enlist_uri_host and its kin.
//
// Conf.pm and Plugin/WLBLEval.pm of SpamAssassin 4.0.1. An entry stands for all names below it, and
// the longest entry that fits decides; one with '!' says no. Lists are independent.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "rules/base/setting.h"
#include "rules/evals/address_globs.h"

namespace postern {

class UriHostLists {
 public:
  /// Of a host, in lower case; listed false: this host and those below it are not.
  void add(std::string_view list, std::string_view host, bool listed);
  void remove(std::string_view list, std::string_view host);
  void remove_from_all(std::string_view host);

  std::optional<std::size_t> number_of(std::string_view list) const;
  std::size_t size() const { return names_.size(); }

  /// Sets hits[number] for each list that has the host; hits has size() entries. An IP address, in
  /// brackets or not, must be listed itself.
  void look_up(std::string_view host, std::vector<bool>& hits) const;

 private:
  struct Verdict {
    std::size_t list = 0;
    bool listed = false;
  };

  std::vector<std::string> names_;
  std::unordered_map<std::string, std::vector<Verdict>, TextHash, std::equal_to<>> hosts_;
};

/// enlist_uri_host, delist_uri_host, blocklist_uri_host, welcomelist_uri_host and the older names
/// of the last two.
SettingTable uri_host_directives();

}  // namespace postern
