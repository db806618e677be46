#include "gateway/scheduler/site_names.h"

#include <algorithm>

namespace postern {
namespace {
/// Strangers choose the domains of bounces, so what is remembered is bounded. Forgetting costs a
/// question to the DNS cache.
constexpr std::size_t most_domains = 65536;
}  // namespace

const Site* SiteNames::find(std::string_view domain) const {
  const auto known = sites_.find(domain);
  return known == sites_.end() ? nullptr : &known->second;
}

const Site& SiteNames::learn(const std::string& domain, std::vector<std::string> hosts,
                             SteadyTime until) {
  if (sites_.size() >= most_domains && !sites_.contains(domain)) sites_.clear();
  std::ranges::sort(hosts);
  const auto doubles = std::ranges::unique(hosts);
  hosts.erase(doubles.begin(), doubles.end());
  Site site;
  for (const std::string& host : hosts) site.key += (site.key.empty() ? "mx:" : ",") + host;
  site.hosts = std::move(hosts);
  site.until = until;
  return sites_.insert_or_assign(domain, std::move(site)).first->second;
}

}  // namespace postern
