#include "gateway/delivery/next_hops.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <random>

#include "gateway/base/bytes.h"

namespace postern {
namespace {

constexpr milliseconds dns_patience = seconds(30);

struct Host {
  std::string name;
  std::uint16_t preference = 0;
};

bool is_numeric(const std::string& host) {
  return host.find(':') != std::string::npos ||
         std::ranges::all_of(host, [](char c) { return is_digit(c) || c == '.'; });
}

std::unexpected<Reply> refuse(std::uint16_t code, EnhancedCode enhanced, std::string text) {
  return std::unexpected(reply(code, enhanced, std::move(text)));
}

/// The mail hosts of a domain, best first, in random order among equals (RFC 5321 §5.1: to spread
/// the load).
Task<std::expected<std::vector<Host>, Reply>> mail_hosts(const DeliveryContext& context,
                                                         std::string domain) {
  const DnsAnswer answer =
      co_await context.resolver.query(domain, RecordType::mx, context.loop.now() + dns_patience);
  std::vector<Host> hosts;
  switch (answer.status) {
    case DnsStatus::failed:
      co_return refuse(
          451, {4, 4, 3},
          fmt::format("cannot look up the mail hosts of {}: {}", domain, answer.error));
    case DnsStatus::no_such_name:
      co_return refuse(550, {5, 1, 2}, fmt::format("there is no domain {}", domain));
    case DnsStatus::no_records:
      hosts.push_back({std::move(domain), 0});  // RFC 5321 §5.1: the implicit MX
      co_return hosts;
    case DnsStatus::found:
      break;
  }
  // RFC 7505 §3: a null MX stands alone; among others it is a mistake and no host.
  for (const auto& record : answer.records) {
    if (!record.text.empty()) hosts.push_back({record.text, record.preference});
  }
  if (hosts.empty()) {
    co_return refuse(556, {5, 1, 10}, fmt::format("{} does not accept mail (null MX)", domain));
  }
  thread_local std::minstd_rand random(std::random_device{}());
  std::ranges::shuffle(hosts, random);
  std::ranges::sort(hosts, {}, &Host::preference);
  co_return hosts;
}

struct Addresses {
  std::vector<std::string> found;
  std::string failure;  // why a lookup failed, "" where all were answered
};

Task<Addresses> addresses_of(const DeliveryContext& context, const std::string& host) {
  Addresses out;
  if (is_numeric(host)) {
    out.found.push_back(host);
    co_return out;
  }
  // IPv4 first: where a host has no IPv6, each such address would only cost one of the few tries.
  constexpr std::array types{RecordType::a, RecordType::aaaa};
  for (const RecordType type : types) {
    const DnsAnswer answer =
        co_await context.resolver.query(host, type, context.loop.now() + dns_patience);
    for (const auto& record : answer.records) out.found.push_back(record.text);
    if (answer.status == DnsStatus::failed) out.failure = host + ": " + answer.error;
  }
  co_return out;
}

bool is_own_name(const DeliveryContext& context, const Route& route, const std::string& name) {
  // A name that an administrator routes to may be ours with another server behind its port.
  return route.use_mx && equals_ignoring_case(name, context.hostname);
}

std::unexpected<Reply> loops(const Route& route) {
  return refuse(554, {5, 4, 6}, fmt::format("mail for {} loops back to this host", route.host));
}

std::unexpected<Reply> no_address(const Route& route, const std::string& failure) {
  if (!failure.empty()) return refuse(451, {4, 4, 3}, "cannot look up an address: " + failure);
  if (!route.use_mx) return refuse(451, {4, 4, 4}, fmt::format("{} has no address", route.host));
  return refuse(550, {5, 4, 4}, fmt::format("no mail host of {} has an address", route.host));
}

}  // namespace

Task<std::expected<std::vector<Hop>, Reply>> find_hops(const DeliveryContext& context,
                                                       Route route) {
  const bool lmtp = route.transport == Route::Transport::lmtp;
  const std::uint16_t port = route.port ? route.port : lmtp ? 24 : 25;
  std::vector<Host> hosts{{route.host, 0}};
  if (route.use_mx && !is_numeric(route.host)) {
    auto found = co_await mail_hosts(context, route.host);
    if (!found) co_return std::unexpected(std::move(found).error());
    hosts = *std::move(found);
  }

  const auto most = static_cast<std::size_t>(context.settings->smtp_mx_address_limit);
  std::vector<Hop> hops;
  std::vector<std::uint16_t> preferences;  // of each hop
  std::string failure;
  bool seen_ourselves = false;
  for (const Host& host : hosts) {
    // Among equals we may still come, behind as many as are tried.
    if (hops.size() >= most && host.preference > preferences.back()) break;
    Addresses addresses = co_await addresses_of(context, host.name);
    if (!addresses.failure.empty()) failure = addresses.failure;
    const auto own = std::erase_if(addresses.found, [&](const std::string& address) {
      return context.own_listeners.contains(address, port);
    });
    if (own > 0 || is_own_name(context, route, host.name)) {
      seen_ourselves = true;
      if (route.use_mx) {
        // RFC 5321 §5.1: hosts as far as ourselves or farther would hand the mail back to us.
        const auto nearer = std::ranges::lower_bound(preferences, host.preference);
        hops.resize(static_cast<std::size_t>(nearer - preferences.begin()));
        break;
      }
    }
    for (const std::string& address : addresses.found) {
      if (hops.size() >= most) break;
      hops.push_back({host.name, Endpoint{address, port}});
      preferences.push_back(host.preference);
    }
  }
  if (hops.empty() && seen_ourselves) co_return loops(route);
  if (hops.empty()) co_return no_address(route, failure);
  co_return hops;
}

}  // namespace postern
