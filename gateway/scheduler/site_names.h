// site_names.h — which domains share their mail hosts: one site, one window, one life.
//
// A provider hosts thousands of domains on one set of MX hosts. Each with a window of its own would
// together meet those hosts with thousands of connections, and each would have to learn by itself
// that they are down. The site of a domain is its set of MX hosts, whatever their preference.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "gateway/base/clock.h"

namespace postern {

struct Site {
  std::string
      key;  // "mx:a.example.net,b.example.net"; "" = not known, the domain stands for itself
  std::vector<std::string> hosts;
  SteadyTime until{};  // it is to be asked again then
};

class SiteNames {
 public:
  /// Null where it must be asked for. A stale one is still given: `until` says so.
  const Site* find(std::string_view domain) const;
  /// What the DNS said: the names of the hosts, none for a domain without MX records or an answer
  /// that failed.
  const Site& learn(const std::string& domain, std::vector<std::string> hosts, SteadyTime until);
  std::size_t size() const { return sites_.size(); }

 private:
  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  std::unordered_map<std::string, Site, Hash, std::equal_to<>> sites_;
};

}  // namespace postern
