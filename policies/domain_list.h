// domain_list.h — which domains belong to a list such as relay_domains.
//
// Elements, the first that matches decides: "example.org" (and its subdomains where the list is
// opened so), ".example.org" (its subdomains), "!name" for "not this one", files of such words
// ("/path"), and maps ("hash:/path"), of which any result counts as contained.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "gateway/base/config.h"
#include "gateway/base/result.h"
#include "policies/configured.h"
#include "policies/map.h"

namespace postern {

struct ListItem;

class DomainList {
 public:
  /// Whether a name stands for its subdomains, too (parent_domain_matches_subdomains).
  enum class Subdomains { no, yes };
  static DomainList open(const ConfiguredList& entries, Subdomains subdomains,
                         std::vector<Problem>& problems);

  /// Without regard to case. An error only where a map fails before any element decides.
  Result<bool> contains(std::string_view domain) const;
  /// The first name that is written out, without "." and "!".
  const std::optional<std::string>& first_name() const { return first_name_; }
  bool empty() const { return names_.empty() && maps_.empty(); }

 private:
  struct Name {
    std::size_t order = 0;
    bool negated = false;
  };
  struct OrderedMap {
    std::size_t order = 0;
    bool negated = false;
    MapList map;
  };
  void add(const ListItem& item, std::size_t order, std::vector<Problem>& problems);

  Subdomains subdomains_ = Subdomains::no;
  std::unordered_map<std::string, Name> names_;  // filled by the administrator only
  std::vector<OrderedMap> maps_;
  std::optional<std::string> first_name_;
};

}  // namespace postern
