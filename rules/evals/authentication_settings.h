// authentication_settings.h — how SPF, DKIM and DMARC results become hits; what is only about
// asking the network for them is accepted and has no effect, since results are handed to a scan.
#pragma once

#include <string>
#include <unordered_map>

#include "rules/base/setting.h"
#include "rules/evals/address_globs.h"

namespace postern {

struct AuthenticationSettings {
  bool ignore_received_spf = false;
  /// Of several Received-SPF fields of our own relays the top one, not the bottom one.
  bool newest_received_spf = false;
  /// Shorter keys welcome nobody; 0 = any length will do.
  double minimum_key_bits = 1024;
  /// Author's domain, or "*.domain", or "*": one of N U A D 1 2 3 (RFC 5617, and custom_low to
  /// custom_high).
  std::unordered_map<std::string, char, TextHash, std::equal_to<>> practices;
};

SettingTable authentication_directives();

}  // namespace postern
