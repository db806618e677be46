#include "policies/route_table.h"

#include "gateway/base/bytes.h"
#include "gateway/mail/address.h"
#include "policies/address_lookup.h"

namespace postern {
namespace {

constexpr std::string_view sample = "someone@example.org";

/// A table's result: ":" has no opinion, ":host" leaves the transport to us.
Result<std::optional<Route>> parse_entry(std::string_view value, std::string_view address,
                                         std::string_view delimiters) {
  value = trim(value);
  if (value == ":") return std::nullopt;
  if (value.starts_with(':')) {
    TRY(auto route, parse_relayhost(value.substr(1)));
    return route;
  }
  TRY(auto route, parse_route(value, address, delimiters));
  return route;
}

}  // namespace

RouteTable RouteTable::open(const PolicySettings& settings,
                            std::shared_ptr<const DomainList> relay_domains,
                            std::vector<Problem>& problems) {
  RouteTable table;
  table.relay_domains_ = std::move(relay_domains);
  table.delimiters_ = settings.recipient_delimiter;
  table.transport_maps_ = MapList::open(settings.transport_maps, problems);
  for (const auto& map : table.transport_maps_.maps()) {
    map->each_value([&](const std::string& where, std::string_view value) {
      const auto route = parse_entry(value, sample, settings.recipient_delimiter);
      if (!route) problems.push_back({where, route.error().what});
    });
  }
  table.relay_transport_ = trim(settings.relay_transport.text);
  if (!table.relay_transport_.empty()) {
    const auto route = parse_route(table.relay_transport_, sample, settings.recipient_delimiter);
    if (!route) problems.push_back({settings.relay_transport.where, route.error().what});
  }
  if (!trim(settings.relayhost.text).empty()) {
    auto route = parse_relayhost(settings.relayhost.text);
    if (route) {
      table.relayhost_ = std::move(*route);
    } else {
      problems.push_back({settings.relayhost.where, route.error().what});
    }
  }
  return table;
}

Result<std::optional<Route>> RouteTable::from_maps(std::string_view address) const {
  if (transport_maps_.empty()) return std::nullopt;  // before a dozen keys are made for nothing
  TRY(const auto match, transport_maps_.find(transport_keys(address, delimiters_)));
  if (!match) return std::nullopt;
  auto route = parse_entry(match->value, address, delimiters_);
  if (!route) {
    return fail_at(match->map + ", entry for \"" + printable(match->key, 80) + "\"",
                   std::move(route).error());
  }
  return route;
}

Result<Route> RouteTable::route_for(std::string_view address) const {
  TRY(auto found, from_maps(address));
  if (found) return *std::move(found);
  if (!relay_transport_.empty() && relay_domains_) {
    TRY(const bool relayed, relay_domains_->contains(domain_of(address)));
    if (relayed) return parse_route(relay_transport_, address, delimiters_);
  }
  if (relayhost_) return *relayhost_;
  return mx_route(address);
}

}  // namespace postern
