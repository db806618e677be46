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
  auto written = address.substr(at + 1);
  written = written.substr(0, written.find_first_of("@ \t\r\n\f\v"));
  std::string host;
  for (const char c : written) {
    if (c != '.' || (!host.empty() && host.back() != '.')) host += lower(c);
  }
  while (host.ends_with('.')) host.pop_back();
  if (host.find('.') == std::string::npos) return {};
  return host;
}

/// "a--name." in the sender's address: who vouches for it.
std::string accreditor_in(std::string_view sender) {
  constexpr std::string_view mark = "a--";
  constexpr std::size_t shortest = 3;
  for (std::size_t at = 1; at + mark.size() < sender.size(); ++at) {
    if (sender[at - 1] != '@' && sender[at - 1] != '.') continue;
    if (!starts_with_ignoring_case(sender.substr(at), mark)) continue;
    const auto name = sender.substr(at + mark.size());
    const auto end =
        std::ranges::find_if_not(name, [](char c) { return is_alpha(c) || is_digit(c); });
    const auto length = static_cast<std::size_t>(end - name.begin());
    if (length >= shortest && end != name.end() && *end == '.')
      return to_lower(name.substr(0, length));
  }
  return {};
}

/// Whom a message names in its sender's address or in the field Accreditor.
std::set<std::string> accreditors(HeaderValues& headers) {
  std::set<std::string> out{accreditor_in(headers.get("EnvelopeFrom:addr"))};
  for (const auto entry : split(headers.get("Accreditor"), ',')) {
    auto rest = trim(entry);
    out.insert(to_lower(take_word(rest)));
  }
  out.erase("");
  return out;
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
          ask_about_field(list, std::string(trim(name)));
        }
        break;
      case ListSubject::accredited:
        if (accreditors(message_.headers()).contains(list.accreditor)) ask_about_relays(list);
        break;
      case ListSubject::name_server:
        ask_for_name_server(list);
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

/// The host of the field's address; without one, the host or address that each value is.
void NetworkScan::ask_about_field(const NetworkRules::RelayList& list, const std::string& field) {
  if (!parse_header_source(field + ":addr") || !parse_header_source(field)) return;
  auto& headers = message_.headers();
  const std::string address(headers.get(field + ":addr"));
  if (const auto at = address.find('@'); at != std::string::npos && at + 1 < address.size())
    return ask_about_hosts(list, {address});
  for (const auto host : split(headers.get(field), '\n')) ask_about_host(list, host);
}

void NetworkScan::ask_for_name_server(const NetworkRules::RelayList& list) {
  const auto host = host_of(message_.headers().get("EnvelopeFrom:addr"));
  if (host) ask(*host, QuestionType::ns, {.of_name_server = &list});
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
