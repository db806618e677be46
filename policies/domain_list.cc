#include "policies/domain_list.h"

#include "gateway/base/bytes.h"
#include "gateway/mail/address.h"
#include "policies/address_lookup.h"
#include "policies/map_source.h"

namespace postern {

void DomainList::add(const ListItem& item, std::size_t order, std::vector<Problem>& problems) {
  if (is_map_specification(item.text)) {
    auto map = open_map(item.text, problems);
    if (map) {
      maps_.push_back({order, item.negated, MapList({std::move(*map)})});
    } else {
      problems.push_back({item.where, map.error().what});
    }
    return;
  }
  const std::string name = to_lower(item.text);
  const std::string_view bare = std::string_view(name).substr(name.starts_with('.') ? 1 : 0);
  if (!valid_domain(bare)) {
    problems.push_back({item.where, "\"" + printable(name) +
                                        "\" is not a domain: write example.org, .example.org, a " +
                                        "map (hash:/path) or a file (/path)"});
    return;
  }
  if (!names_.try_emplace(name, Name{order, item.negated}).second) {
    problems.push_back({item.where, "\"" + name + "\" is in the list twice: remove one"});
  }
  if (!first_name_ && bare.size() == name.size() && !item.negated) first_name_ = name;
}

DomainList DomainList::open(const ConfiguredList& entries, Subdomains subdomains,
                            std::vector<Problem>& problems) {
  DomainList list;
  list.subdomains_ = subdomains;
  std::size_t order = 0;
  for (const ListItem& item : list_items(entries, problems)) list.add(item, order++, problems);
  return list;
}

Result<bool> DomainList::contains(std::string_view domain) const {
  if (domain.empty() || empty()) return false;
  const bool parents = subdomains_ == Subdomains::yes;
  const LookupKeys keys =
      domain_keys(to_lower(domain), parents ? ParentForm::both : ParentForm::dotted);

  std::optional<Name> first;
  for (const LookupKey& key : keys) {
    const auto found = names_.find(key.text);
    if (found == names_.end()) continue;
    if (!first || found->second.order < first->order) first = found->second;
  }
  for (const OrderedMap& candidate : maps_) {
    if (first && first->order < candidate.order) break;
    TRY(const auto found, candidate.map.find(keys));
    if (found) return !candidate.negated;
  }
  return first && !first->negated;
}

}  // namespace postern
