// relays.h — Received fields read as hops, and parted into trusted and untrusted, internal and
// external ones: Message/Metadata/Received.pm of SpamAssassin 4.0.1.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rules/headers/network_settings.h"

namespace postern {

/// One hop; texts as SpamAssassin prints them in X-Spam-Relays-*.
struct Relay {
  std::string ip, rdns, helo, by, ident, id, auth;
  std::optional<std::string> envfrom;  // "" is a bounce's
  bool ip_private = false;
  bool internal = false;
  bool msa = false;
  bool no_reverse_dns = false;   // it was looked for, and there is none
  std::size_t field = SIZE_MAX;  // the Received field it came from, counted from the top
};

class Relays {
 public:
  /// Decoded values: of the Received fields from the top, and of the fields that
  /// originating_ip_headers names, in its order.
  Relays(const std::vector<std::string_view>& received,
         const std::vector<std::string_view>& originating, const NetworkSettings& settings);

  const std::vector<Relay>& trusted() const { return trusted_; }
  const std::vector<Relay>& untrusted() const { return untrusted_; }
  const std::vector<Relay>& internal() const { return internal_; }
  const std::vector<Relay>& external() const { return external_; }
  unsigned unparseable() const { return unparseable_; }
  /// Counted from the top; -1 where none is. Fields that were no hop count as their neighbours do.
  int last_trusted_field() const { return last_trusted_; }
  int last_internal_field() const { return last_internal_; }

  /// The value of X-Spam-Relays-{Trusted,Untrusted,Internal,External}.
  static std::string text_of(const std::vector<Relay>& relays);

 private:
  std::vector<Relay> trusted_, untrusted_, internal_, external_;
  unsigned unparseable_ = 0;
  int last_trusted_ = -1;
  int last_internal_ = -1;
};

}  // namespace postern
