#include "rules/uris/web_address.h"

#include <algorithm>

#include "gateway/base/bytes.h"

namespace postern {

std::optional<WebAddress> web_address(std::string_view uri) {
  WebAddress out;
  if (starts_with_ignoring_case(uri, "http://"))
    out.scheme = uri.substr(0, 7);
  else if (starts_with_ignoring_case(uri, "https://"))
    out.scheme = uri.substr(0, 8);
  else
    return std::nullopt;
  uri.remove_prefix(out.scheme.size());
  const auto host_length = [](std::string_view text) {
    return std::min(text.find_first_of("/?#:"), text.size());
  };
  const auto user = uri.find_first_of("@/?#");
  // A user without a host behind it is the host.
  out.has_user =
      user != std::string_view::npos && uri[user] == '@' && host_length(uri.substr(user + 1)) > 0;
  if (out.has_user) uri.remove_prefix(user + 1);
  out.host = uri.substr(0, host_length(uri));
  if (out.host.empty()) return std::nullopt;
  out.rest = uri.substr(out.host.size());
  if (out.rest.starts_with(':')) {
    const auto end = std::ranges::find_if_not(out.rest.substr(1), is_digit);
    out.port = std::string_view(out.rest.begin() + 1, end);
  }
  return out;
}

/// Only the scheme in lower case has the usual default; all others take 443 for theirs.
std::string_view rest_without_default_port(const WebAddress& address, UriText reading) {
  const std::string_view usual = address.scheme == "http://" ? "80" : "443";
  if (address.port != usual) return address.rest;
  const auto behind = address.rest.substr(1 + usual.size());
  // A letter behind it makes it no port; in characters, those of other alphabets are letters too.
  const char next = behind.empty() ? '/' : behind.front();
  const bool goes_on =
      is_alpha(next) || next == '_' || (reading == UriText::characters && next < 0);
  return goes_on ? address.rest : behind;
}

}  // namespace postern
