#include "policies/network_list.h"

#include "policies/address_lookup.h"
#include "policies/map_source.h"

namespace postern {

NetworkList NetworkList::open(const ConfiguredList& entries, std::vector<Problem>& problems) {
  NetworkList list;
  for (const ListItem& item : list_items(entries, problems)) {
    if (is_map_specification(item.text)) {
      auto map = open_map(item.text, problems);
      if (map) {
        list.elements_.push_back({MapList({std::move(*map)}), item.negated});
      } else {
        problems.push_back({item.where, map.error().what});
      }
    } else if (const auto network = Network::parse(item.text)) {
      list.elements_.push_back({*network, item.negated});
    } else {
      problems.push_back({item.where, network.error().what});
    }
  }
  return list;
}

Result<bool> NetworkList::contains(const IpAddress& address) const {
  for (const Element& element : elements_) {
    if (const auto* network = std::get_if<Network>(&element.what)) {
      if (network->contains(address)) return !element.negated;
      continue;
    }
    TRY(const auto found, std::get<MapList>(element.what).find(address_keys(address)));
    if (found) return !element.negated;
  }
  return false;
}

}  // namespace postern
