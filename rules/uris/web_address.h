// web_address.h — an http or https URI taken apart as SpamAssassin takes it apart (Util.pm,
// uri_list_canonicalize): what is not needed to name a host stays as it was written.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "rules/uris/canonical_uri.h"

namespace postern {

/// An http or https URI, its user left out.
struct WebAddress {
  std::string_view scheme;  // "http://" as written
  bool has_user = false;
  std::string host;
  std::string_view port;  // digits, "" where there are none
  std::string_view rest;  // from the port's colon on

  std::string with(std::string_view other_host, std::string_view other_rest) const {
    std::string out;
    out.reserve(scheme.size() + other_host.size() + other_rest.size());
    return out.append(scheme).append(other_host).append(other_rest);
  }
  std::string text() const { return with(host, rest); }
};

/// Nothing for other schemes, and without a host. Views point into `uri`.
std::optional<WebAddress> web_address(std::string_view uri);

/// What stands behind the host but for the port that the scheme has anyway.
std::string_view rest_without_default_port(const WebAddress& address, UriText reading);

}  // namespace postern
