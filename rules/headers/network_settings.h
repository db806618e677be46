// network_settings.h — what decides which relays are trusted, and where the envelope's sender is
// found: trusted_networks, internal_networks, msa_networks and their kin.
#pragma once

#include <string>
#include <vector>

#include "rules/base/setting.h"
#include "rules/headers/network_set.h"

namespace postern {

struct NetworkSettings {
  NetworkSettings();

  NetworkSet trusted;   // loopback is always in it
  NetworkSet internal;  // …
  NetworkSet msa;
  bool trusted_configured = false;
  bool internal_configured = false;
  std::vector<std::string> originating_ip_headers;
  std::string envelope_sender_header;  // "": not configured
  bool always_trust_envelope_sender = false;
};

SettingTable network_directives();

}  // namespace postern
