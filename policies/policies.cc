#include "policies/policies.h"

namespace postern {

std::shared_ptr<const Policies> open_policies(const PolicySettings& settings,
                                              std::string_view myhostname,
                                              std::vector<Problem>& problems) {
  const auto subdomains = settings.relay_domains_match_subdomains ? DomainList::Subdomains::yes
                                                                  : DomainList::Subdomains::no;
  const auto relay_domains = std::make_shared<const DomainList>(
      DomainList::open(settings.relay_domains, subdomains, problems));
  Policies policies{NetworkList::open(settings.mynetworks, problems),
                    RecipientPolicy::open(settings, myhostname, relay_domains, problems),
                    RouteTable::open(settings, relay_domains, problems)};
  return std::make_shared<const Policies>(std::move(policies));
}

}  // namespace postern
