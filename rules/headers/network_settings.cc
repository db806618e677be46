#include "rules/headers/network_settings.h"

#include <algorithm>
#include <array>

#include "gateway/base/bytes.h"
#include "rules/settings.h"

namespace postern {
namespace {

NetworkSet loopback() {
  NetworkSet set;
  set.add("127.0.0.0/8");
  set.add("::1");
  return set;
}

/// Whether the line named anything; without, it is a mistake and changes nothing.
bool add_networks(SettingLine& line, NetworkSet& set) {
  const auto networks = words(line.rest);
  if (networks.empty()) {
    line.problem(line.rest, "an IP address or network is missing here");
    return false;
  }
  for (const auto network : networks) {
    if (const auto wrong = set.add(network)) line.remark(network, *wrong);
  }
  return true;
}

bool takes_nothing(SettingLine& line) {
  if (line.rest.empty()) return true;
  line.problem(line.rest, "this directive takes no value");
  return false;
}

void trusted_networks(SettingLine& line, RuleSettings& settings) {
  auto& networks = settings.networks;
  if (add_networks(line, networks.trusted)) networks.trusted_configured = true;
}

void internal_networks(SettingLine& line, RuleSettings& settings) {
  auto& networks = settings.networks;
  if (add_networks(line, networks.internal)) networks.internal_configured = true;
}

void msa_networks(SettingLine& line, RuleSettings& settings) {
  add_networks(line, settings.networks.msa);
}

void clear_trusted_networks(SettingLine& line, RuleSettings& settings) {
  if (!takes_nothing(line)) return;
  settings.networks.trusted = loopback();
  settings.networks.trusted_configured = false;
}

void clear_internal_networks(SettingLine& line, RuleSettings& settings) {
  if (!takes_nothing(line)) return;
  settings.networks.internal = loopback();
  settings.networks.internal_configured = false;
}

void clear_msa_networks(SettingLine& line, RuleSettings& settings) {
  if (takes_nothing(line)) settings.networks.msa = {};
}

void originating_ip_headers(SettingLine& line, RuleSettings& settings) {
  auto& known = settings.networks.originating_ip_headers;
  const auto names = words(line.rest);
  if (names.empty()) line.problem(line.rest, "the name of a header field is missing here");
  for (const auto name : names) {
    const auto same = [name](const std::string& k) { return equals_ignoring_case(k, name); };
    if (std::ranges::none_of(known, same)) known.emplace_back(name);
  }
}

void clear_originating_ip_headers(SettingLine& line, RuleSettings& settings) {
  if (takes_nothing(line)) settings.networks.originating_ip_headers.clear();
}

void envelope_sender_header(SettingLine& line, RuleSettings& settings) {
  if (line.rest.empty()) {
    line.problem(line.rest, "the name of a header field is missing here");
    return;
  }
  settings.networks.envelope_sender_header = line.rest;
}

void always_trust_envelope_sender(SettingLine& line, RuleSettings& settings) {
  const auto value = to_lower(line.rest);
  const bool yes = value == "1" || value == "yes";
  if (!yes && value != "0" && value != "no") {
    line.problem(line.rest, "this is a switch: 1 or 0");
    return;
  }
  settings.networks.always_trust_envelope_sender = yes;
}

constexpr std::array directives = {
    SettingDirective{"trusted_networks", trusted_networks},
    SettingDirective{"clear_trusted_networks", clear_trusted_networks},
    SettingDirective{"internal_networks", internal_networks},
    SettingDirective{"clear_internal_networks", clear_internal_networks},
    SettingDirective{"msa_networks", msa_networks},
    SettingDirective{"clear_msa_networks", clear_msa_networks},
    SettingDirective{"originating_ip_headers", originating_ip_headers},
    SettingDirective{"clear_originating_ip_headers", clear_originating_ip_headers},
    SettingDirective{"envelope_sender_header", envelope_sender_header},
    SettingDirective{"always_trust_envelope_sender", always_trust_envelope_sender},
};

}  // namespace

NetworkSettings::NetworkSettings() : trusted(loopback()), internal(loopback()) {}

SettingTable network_directives() { return directives; }

}  // namespace postern
