// uri_questions.cc — urirhssub and its kin: which hosts of a message's URIs lists are asked about.
#include <algorithm>
#include <array>
#include <utility>

#include "gateway/base/bytes.h"
#include "rules/headers/ip_address.h"
#include "rules/hosts/host_name.h"
#include "rules/network/network_rules.h"

namespace postern {
namespace {

constexpr std::size_t ranks = 6;

/// What a reader sees is asked about first: links with a text, forms, images, others, addresses in
/// plain text, links without a text (URIDNSBL.pm, check_dnsbl).
std::size_t rank_of(const Uri& uri) {
  if (uri.types.contains("a")) {
    const bool shown =
        std::ranges::any_of(uri.anchor_text, [](const auto& text) { return !text.empty(); });
    return shown ? 0 : 5;
  }
  if (uri.types.contains("form")) return 1;
  if (uri.types.contains("img")) return 2;
  return uri.types.contains("parsed") && uri.types.size() == 1 ? 4 : 3;
}

}  // namespace

/// Host to registered domain, at most uridnsbl_max_domains of them. Where there are more,
/// SpamAssassin draws lots; here the first in order of their names are taken.
std::map<std::string, std::string> NetworkScan::uri_hosts() {
  const LookupSettings& settings = rules_.settings();
  const auto& boundaries = message_.settings().domains.boundaries;
  std::array<std::map<std::string, std::string>, ranks> ranked;
  for (const auto& uri : message_.uris().detailed()) {
    if (settings.skip_mailto && starts_with_ignoring_case(uri.raw, "mailto:")) continue;
    for (const auto& host : uri.hosts) {
      const std::string domain = is_ip_address(host) ? host : boundaries.trim_domain(host);
      if (settings.skipped_domains.contains(domain) || settings.skipped_domains.contains(host))
        continue;
      ranked[rank_of(uri)].emplace(to_lower(host), to_lower(domain));
    }
  }
  std::map<std::string, std::string> out;
  for (const auto& hosts : ranked) {
    for (const auto& [host, domain] : hosts) {
      if (out.size() < settings.most_domains) out.emplace(host, domain);
    }
  }
  return out;
}

void NetworkScan::ask_uri_lists() {
  if (rules_.settings().skip_uri_lists) return;
  uri_hosts_ = uri_hosts();
  for (const auto& [host, domain] : uri_hosts_) ask_about_uri_host(host, domain);
}

void NetworkScan::ask_about_uri_host(const std::string& host, const std::string& domain) {
  using What = UriListLookup::What;
  const bool address = is_ip_address(host) || host.starts_with('[');
  if (address && (!is_ipv4_address(host) || is_private_ip(host))) return;
  Interest servers;
  Interest addresses;
  for (const auto& list : rules_.uri_lists()) {
    const LookupFlags& flags = list.flags;
    if (list.lookup->what == What::domains) {
      if (address ? flags.domains_only : flags.ips_only) continue;
      ask_uri_list(list, flags.whole_host ? host : domain);
    } else if (!address) {
      const bool by_address = list.lookup->what == What::addresses;
      if (by_address && flags.of_address) addresses.of_addresses.push_back(&list);
      if (!by_address || flags.of_name_server || !flags.of_address)
        servers.of_servers.push_back(&list);
    }
  }
  if (!servers.of_servers.empty()) ask(domain, QuestionType::ns, std::move(servers));
  if (!addresses.of_addresses.empty()) ask(host, QuestionType::a, std::move(addresses));
}

void NetworkScan::ask_uri_list(const NetworkRules::UriList& list, const std::string& about) {
  if (about.empty() || !about_.insert({list.rule, about}).second) return;
  const auto reversed = is_ipv4_address(about) ? reversed_ip(about) : std::nullopt;
  ask((reversed ? *reversed : about) + "." + list.lookup->zone, list.lookup->type,
      {.uri_list = &list});
}

}  // namespace postern
