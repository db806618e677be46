// relay_questions.cc — check_rbl and its kin: which relays, hosts and senders lists are asked
// about.
#include <algorithm>
#include <optional>
#include <utility>

#include "gateway/base/bytes.h"
#include "rules/evals/message_addresses.h"
#include "rules/headers/ip_address.h"
#include "rules/hosts/host_name.h"
#include "rules/network/network_rules.h"

namespace postern {
namespace {

constexpr std::size_t most_relays = 9;  // num_check_received, which no file can set any more

std::vector<std::string> distinct_public(const std::vector<std::string>& addresses) {
  std::vector<std::string> out;
  for (const auto& address : addresses) {
    if (address.empty() || is_private_ip(address)) continue;
    if (std::ranges::find(out, address) == out.end()) out.push_back(address);
  }
  return out;
}

void keep_first(std::vector<std::string>& addresses) {
  if (addresses.size() > 1) addresses.resize(1);
}

/// "a@host" -> "host", without dots at its ends; nothing where it has none inside.
std::optional<std::string> host_of(std::string_view address) {
  const auto at = address.find('@');
  if (at == std::string_view::npos) return {};
  auto host = address.substr(at + 1);
  host = host.substr(0, host.find_first_of("@ \t\r\n"));
  while (host.starts_with('.')) host.remove_prefix(1);
  while (host.ends_with('.')) host.remove_suffix(1);
  if (host.find('.') == std::string_view::npos) return {};
  return to_lower(host);
}

}  // namespace

void NetworkScan::ask_relay_lists() {
  for (const auto& list : rules_.relay_lists()) {
    switch (list.subject) {
      case ListSubject::relays:
        ask_about_relays(list);
        break;
      case ListSubject::from_hosts:
        ask_about_hosts(list, message_.memo<SenderAddresses>().all);
        break;
      case ListSubject::from_domains:
        for (const auto& address : message_.memo<SenderAddresses>().all) {
          const auto place = message_.settings().domains.boundaries.uri_to_domain(address);
          if (place) ask_about_host(list, place->domain);
        }
        break;
      case ListSubject::envelope_sender:
        ask_about_hosts(list, {std::string(message_.headers().get("EnvelopeFrom:addr"))});
        break;
      case ListSubject::headers:
        for (const auto name : split(list.headers, ',')) {
          const auto written = std::string(trim(name));
          const auto source = parse_header_source(written + ":addr");
          if (!source) continue;
          if (const auto& value = message_.headers().get(*source)) ask_about_hosts(list, {*value});
        }
        break;
      case ListSubject::last_relay:
        if (const auto& relays = message_.relays().untrusted(); !relays.empty()) {
          const Relay& relay = relays.back();
          std::set<std::string> hosts{relay.ip, relay.by, relay.helo, relay.rdns};
          for (const auto& host : hosts) ask_about_host(list, host);
        }
        break;
    }
  }
}

void NetworkScan::ask_about_relays(const NetworkRules::RelayList& list) {
  for (const auto& address : relays_for(list)) {
    if (const auto reversed = reversed_ip(address))
      ask(*reversed + "." + list.zone, list.type, {.relay_list = &list});
  }
}

/// The end of the set's name says which relays: all untrusted ones from the oldest on, but for
/// -lastexternal, -notfirsthop, -firsttrusted and -untrusted (DNSEval.pm, _check_rbl_backend).
std::vector<std::string> NetworkScan::relays_for(const NetworkRules::RelayList& list) {
  std::vector<std::string> untrusted;
  for (const auto& relay : message_.relays().untrusted()) untrusted.push_back(relay.ip);
  std::vector<std::string> external;
  for (const auto& relay : message_.relays().trusted()) {
    if (!relay.internal) external.push_back(relay.ip);
  }
  external.insert(external.end(), untrusted.begin(), untrusted.end());

  const NetworkSet& trusted = message_.settings().networks.trusted;
  std::vector<std::string> out;
  const std::string_view set = list.set;
  if (set.ends_with("-lastexternal") || set.ends_with("-notfirsthop")) {
    if (untrusted.empty() || distinct_public(untrusted).empty()) return {};
    out = distinct_public(external);
    if (set.ends_with("-lastexternal")) {
      keep_first(out);
    } else if (out.size() > 1) {
      out.pop_back();
    }
  } else {
    out = distinct_public(untrusted);
    if (set.ends_with("-firsttrusted")) {
      keep_first(out);
    } else if (set.ends_with("-untrusted")) {
      if (!out.empty()) out.erase(out.begin());
    } else {
      std::ranges::reverse(out);
    }
  }
  if (out.size() > most_relays) out.resize(most_relays);
  if (!list.flags.nice) {
    const auto first = std::ranges::find_if(
        out, [&](const std::string& address) { return !trusted.contains(address); });
    out.erase(out.begin(), first);
  }
  return out;
}

void NetworkScan::ask_about_hosts(const NetworkRules::RelayList& list,
                                  const std::vector<std::string>& addresses) {
  for (const auto& address : addresses) {
    if (const auto host = host_of(address)) ask_about_host(list, *host);
  }
}

void NetworkScan::ask_about_host(const NetworkRules::RelayList& list, std::string_view host) {
  if (is_ip_address(host)) {
    const auto reversed = reversed_ip(host);
    if (list.flags.domains_only || !reversed) return;
    return ask(*reversed + "." + list.zone, list.type, {.relay_list = &list});
  }
  if (list.flags.ips_only || !is_fully_qualified(host)) return;
  if (!message_.settings().domains.boundaries.is_domain_valid(host)) return;
  ask(std::string(host) + "." + list.zone, list.type, {.relay_list = &list});
}

}  // namespace postern
